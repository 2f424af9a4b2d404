interface Reading {
  readonly timeMs: number;
  readonly value: number;
}

/** How fast counters grow, over the last seconds. */
export interface Rates {
  /** Takes a reading; per second since the oldest one kept. Undefined while there is only one. */
  note(key: string, value: number, timeMs: number): number | undefined;
}

const KEPT_MS = 10_000;

/** A counter that went back has begun anew. */
export function createRates(): Rates {
  const readings = new Map<string, Reading[]>();
  return {
    note: (key, value, timeMs) => {
      const known = readings.get(key) ?? [];
      const last = known.at(-1);
      const isAnew = last !== undefined && (value < last.value || timeMs < last.timeMs);
      const kept = isAnew ? [] : known;
      if (kept.at(-1)?.timeMs !== timeMs) kept.push({ timeMs, value });
      while ((kept[1]?.timeMs ?? Infinity) <= timeMs - KEPT_MS) kept.shift();
      readings.set(key, kept);
      const first = kept[0];
      if (first === undefined || first.timeMs >= timeMs) return undefined;
      return ((value - first.value) * 1000) / (timeMs - first.timeMs);
    },
  };
}
