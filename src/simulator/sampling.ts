import type { Random } from '../base/random.ts';
import type { FilterConfig } from './contextConfig.ts';
import type { SchemeTarget } from './schemeEngine.ts';

export interface Sampling {
  /** The sampling interval, µs. */
  readonly fromUs: number;
  readonly toUs: number;
  /** Samples per aggregation. */
  readonly maxNrAccesses: number;
  readonly probes: readonly (readonly FilterConfig[])[];
  readonly random: Random;
}

/** Looks at one page of every region: was it accessed in the sampling interval? */
export function sampleTargets(targets: readonly SchemeTarget[], sampling: Sampling): void {
  const { fromUs, toUs, maxNrAccesses, probes, random } = sampling;
  for (const { regions, space } of targets) {
    const { start, end, nrAccesses, nrAccessesBp, lastNrAccesses } = regions.columns;
    for (let i = 0; i < regions.count; i++) {
      const from = start[i] ?? 0;
      const addr = from + Math.floor(random.next() * ((end[i] ?? 0) - from));
      const isAccessed = space.isAccessed(addr, fromUs, toUs);
      const leaving = ((lastNrAccesses[i] ?? 0) * 10_000) / maxNrAccesses;
      nrAccessesBp[i] = (nrAccessesBp[i] ?? 0) - leaving + (isAccessed ? 10_000 : 0);
      if (isAccessed) nrAccesses[i] = (nrAccesses[i] ?? 0) + 1;
      for (let probe = 0; probe < probes.length; probe++) {
        if (space.isProbed(addr, probes[probe] ?? [])) regions.hitProbe(i, probe);
      }
    }
  }
}
