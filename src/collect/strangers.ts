import type { SourceReading } from './source.ts';

const MAX_STRANGERS = 1000;

/**
 * Kernel threads that send snapshots though nothing on this machine shows them, as in another pid
 * namespace. Each is looked for once, not at every poll.
 */
export class Strangers {
  readonly #isKnown: (pid: number) => boolean;
  readonly #pids = new Set<number>();

  constructor(isKnown: (pid: number) => boolean) {
    this.#isKnown = isKnown;
  }

  /** Threads of this reading that nobody has looked for yet. */
  findNew({ aggregations }: SourceReading): number[] {
    const pids = new Set(aggregations.map(({ kdamondPid }) => kdamondPid));
    return [...pids].filter((pid) => !this.#isKnown(pid) && !this.#pids.has(pid));
  }

  /** They were looked for: what is still not known stays a stranger. */
  noteSearched(pids: readonly number[]): void {
    if (this.#pids.size > MAX_STRANGERS) this.#pids.clear();
    for (const pid of pids) if (!this.#isKnown(pid)) this.#pids.add(pid);
  }
}
