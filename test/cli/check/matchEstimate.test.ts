import { expect, test } from 'vitest';
import { createMatchEstimator } from '../../../src/cli/check/matchEstimate.ts';
import { createRegionColumns } from '../../../src/damon/snapshot.ts';
import type { RegionColumns } from '../../../src/damon/snapshot.ts';
import { CATCH_ALL_STAT } from '../../../src/damon/spec.ts';
import type { SchemeSpec } from '../../../src/damon/spec.ts';

const INTERVALS = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 };
const IDLE: SchemeSpec = {
  ...CATCH_ALL_STAT,
  accessPattern: {
    ...CATCH_ALL_STAT.accessPattern,
    nrAccesses: { min: 0n, max: 0n },
    ageIntervals: { min: 1n, max: 0xffff_ffff_ffff_ffffn },
  },
};

/** An idle region of so many bytes, and another in use. */
function makeRegions(idleBytes: bigint, busyBytes: bigint): RegionColumns {
  const regions = createRegionColumns(2);
  regions.endAddr[0] = idleBytes;
  regions.startAddr[1] = idleBytes;
  regions.endAddr[1] = idleBytes + busyBytes;
  regions.nrAccesses[1] = 20;
  regions.ageIntervals.set([10, 10]);
  regions.count = 2;
  return regions;
}

test('targets are added up, and time weighs', () => {
  const estimator = createMatchEstimator(IDLE, INTERVALS);
  const add = (stream: string, seconds: number, idleBytes: bigint): void => {
    estimator.add({
      stream,
      durationNs: BigInt(seconds) * 1_000_000_000n,
      regions: makeRegions(idleBytes, 1000n),
      hasAges: true,
      intervals: undefined,
    });
  };
  add('one', 1, 100n);
  add('one', 3, 500n);
  add('two', 1, 40n);
  expect(estimator.finish()).toEqual({
    latestBytes: 540n,
    latestRegions: 2,
    monitoredBytes: 2540n,
    meanBytes: 440n,
    nrSnapshots: 3,
    lacksAges: false,
  });
});

test('a record without ages makes it a guess', () => {
  const estimator = createMatchEstimator(IDLE, INTERVALS);
  const regions = makeRegions(100n, 0n);
  estimator.add({ stream: 1, durationNs: 0n, regions, hasAges: false, intervals: INTERVALS });
  expect(estimator.finish()).toMatchObject({ lacksAges: true, meanBytes: 100n });
});
