import { median } from '../../test/support/median.ts';

/** One line of the table. */
export interface BenchRow {
  readonly name: string;
  /** Undefined when it could not be measured here; `note` says why. */
  readonly figure: number | undefined;
  readonly unit: string;
  /** What the figure is held against: a plain loop, a C program, another exporter. */
  readonly peer?: { readonly name: string; readonly figure: number };
  /** The figure must not be above this. */
  readonly goal?: number;
  /** The figure is a time, and the ratio says how many times as long the peer takes. */
  readonly isTime?: boolean;
  /** The peer must take at least so many times as long. */
  readonly timesFaster?: number;
  readonly note?: string;
}

export interface BenchOptions {
  /** What takes minutes and gigabytes, too. */
  readonly isLarge: boolean;
}

/** One file of the folder: measures and gives its rows. */
export type Bench = (options: BenchOptions) => readonly BenchRow[] | Promise<readonly BenchRow[]>;

function collectGarbage(): void {
  globalThis.gc?.();
}

const NR_ROUNDS = 15;
const MIN_ROUND_MS = 40;

/**
 * Nanoseconds per call: the median of several rounds of at least 40 ms each, after a warm-up. Several
 * actions are measured in turn, round by round, so that all of them meet the same noise.
 */
export function measureNs<T extends string>(
  actions: Readonly<Record<T, () => unknown>>,
): Record<T, number> {
  const names = Object.keys(actions) as T[];
  const run = (name: T, nrCalls: number): number => {
    const begin = process.hrtime.bigint();
    for (let call = 0; call < nrCalls; call += 1) actions[name]();
    return Number(process.hrtime.bigint() - begin);
  };
  const nrCalls = Object.fromEntries(
    names.map((name) => {
      let calls = 1;
      while (run(name, calls) < MIN_ROUND_MS * 1e6) calls *= 2;
      return [name, calls];
    }),
  ) as Record<T, number>;
  const rounds = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<
    T,
    number[]
  >;
  for (let round = 0; round < NR_ROUNDS; round += 1) {
    for (const name of names) {
      collectGarbage();
      rounds[name].push(run(name, nrCalls[name]) / nrCalls[name]);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(rounds[name])])) as Record<T, number>;
}
