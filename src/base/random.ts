/** Randomness as an argument, so that a seed repeats a whole run. */
export interface Random {
  /** A double in [0, 1). */
  next(): number;
  /** A whole number in [0, bound), bound at most 2^32. */
  below(bound: number): number;
}

/** A seeded generator (splitmix32): small state, good enough for workloads and tests. */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  const nextUint32 = (): number => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  return {
    next: () => nextUint32() / 2 ** 32,
    below: (bound) => Math.floor((nextUint32() / 2 ** 32) * bound),
  };
}
