import { describe, expect, test } from 'vitest';
import { estimateProbeBytes, findProbesProblem } from '../../src/damon/probes.ts';
import type { RegionColumns } from '../../src/damon/snapshot.ts';
import { makeRegions, MIB } from '../support/observations.ts';

const REGIONS: RegionColumns = {
  ...makeRegions([
    [0n, 4n * MIB, 20, 1],
    [(1n << 63n) - 8n * MIB, 1n << 63n, 0, 30],
  ]),
  probeHits: [Uint8Array.of(20, 5), Uint8Array.of(0, 21)],
};

describe('bytes of a kind', () => {
  test('are the share of samples that hit, of each region', () => {
    expect(estimateProbeBytes(REGIONS, 0, { maxNrAccesses: 20 })).toBe(6 * 2 ** 20);
  });

  test('are never more than the region', () => {
    expect(estimateProbeBytes(REGIONS, 1, { maxNrAccesses: 20 })).toBe(8 * 2 ** 20);
  });

  test('are told of some regions alone', () => {
    const isWanted = (nrAccesses: number, age: number): boolean => nrAccesses === 0 && age >= 30;
    expect(estimateProbeBytes(REGIONS, 0, { maxNrAccesses: 20, isWanted })).toBe(2 * 2 ** 20);
  });

  test('are not known of a probe that is not there, nor where the counters have wrapped', () => {
    expect(estimateProbeBytes(REGIONS, 2, { maxNrAccesses: 20 })).toBeUndefined();
    expect(estimateProbeBytes(REGIONS, 0, { maxNrAccesses: 256 })).toBeUndefined();
    expect(estimateProbeBytes(makeRegions([]), 0, { maxNrAccesses: 20 })).toBeUndefined();
  });
});

test.each([
  ['paddr', 5000, 100_000, undefined],
  ['paddr', 1000, 255_000, undefined],
  ['paddr', 1000, 256_000, /up to 255, but an aggregation interval has 256 samples/],
  ['vaddr', 5000, 100_000, /with vaddr they never hit/],
  ['fvaddr', 5000, 100_000, /with fvaddr they never hit/],
] as const)('probes with %s at %d/%d us: %s', (operations, sample, aggr, problem) => {
  const intervals = { sampleIntervalUs: sample, aggrIntervalUs: aggr, updateIntervalUs: 1_000_000 };
  const found = findProbesProblem({ operations, intervals });
  if (problem === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(problem);
});
