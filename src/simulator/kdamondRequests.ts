import type { PendingWrite } from './kernelNode.ts';
import type { TriedRegion } from './scheme.ts';

/** Regions a walk over all schemes collected; `number` counts them through all schemes. */
export interface WalkedRegion extends TriedRegion {
  readonly number: number;
}

export interface KdamondRequest extends PendingWrite {
  finish(errno?: string): void;
}

interface Call {
  readonly request: KdamondRequest;
  readonly run: () => string | undefined;
  readonly keyword: string | undefined;
}

interface Walk {
  readonly request: KdamondRequest;
  readonly bySchemes: WalkedRegion[][];
  readonly completed: Set<number>;
  readonly onDone: (bySchemes: readonly (readonly WalkedRegion[])[]) => void;
  nrRegions: number;
}

/** A write that is answered later, or that was answered already. */
export function createRequest(nextCheckUs: () => number): KdamondRequest {
  let answer: { readonly errno: string | undefined } | undefined;
  let isHeld = false;
  return {
    answer: () => (isHeld ? undefined : answer),
    hold: () => {
      isHeld = true;
      return () => {
        isHeld = false;
      };
    },
    nextCheckUs,
    finish: (errno) => {
      answer ??= { errno };
    },
  };
}

/** What others want from a kdamond, done by the kernel thread itself at its own time. */
export class KdamondRequests {
  #calls: Call[] = [];
  #walk: Walk | undefined;

  /** Runs a function in the kernel thread; what it returns is the errno. */
  call(request: KdamondRequest, run: () => string | undefined, keyword?: string): void {
    this.#calls.push({ request, run, keyword });
  }

  /** Collects the regions of every scheme's next application. */
  walk(
    request: KdamondRequest,
    onDone: (bySchemes: readonly (readonly WalkedRegion[])[]) => void,
  ): void {
    this.#walk = { request, bySchemes: [], completed: new Set(), onDone, nrRegions: 0 };
  }

  /** Answers all that wait but those with a keyword that has to wait on. */
  answerCalls(waitingKeyword?: string): void {
    const calls = this.#calls;
    const waits = ({ keyword }: Call): boolean =>
      keyword !== undefined && keyword === waitingKeyword;
    this.#calls = calls.filter(waits);
    for (const call of calls) if (!waits(call)) call.request.finish(call.run());
  }

  /** Whether a walk waits for regions. */
  get isCollecting(): boolean {
    return this.#walk !== undefined;
  }

  collect(schemeIndex: number, region: TriedRegion): void {
    const walk = this.#walk;
    if (walk === undefined || walk.completed.has(schemeIndex)) return;
    const regions = (walk.bySchemes[schemeIndex] ??= []);
    regions.push({ ...region, number: walk.nrRegions++ });
  }

  /** The walk ends once every scheme was applied once since it was asked for. */
  completeScheme(schemeIndex: number, nrSchemes: number): void {
    const walk = this.#walk;
    if (walk === undefined) return;
    walk.completed.add(schemeIndex);
    if (walk.completed.size < nrSchemes) return;
    this.#walk = undefined;
    walk.onDone(Array.from({ length: nrSchemes }, (_, index) => walk.bySchemes[index] ?? []));
    walk.request.finish();
  }

  /** Without an errno: kernels that let the writer believe it worked. */
  cancelWalk(errno: string | undefined): void {
    this.#walk?.request.finish(errno);
    this.#walk = undefined;
  }

  cancelAll(errno: string | undefined): void {
    this.cancelWalk(errno);
    for (const { request } of this.#calls.splice(0)) request.finish(errno);
  }
}
