import { describe, expect, test } from 'vitest';
import { SnapshotStream, computeIntervals } from '../../src/collect/intervals.ts';

const configured = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 };

describe('the intervals in force', () => {
  test.each([
    ['nothing known', undefined, undefined, undefined, undefined, undefined],
    ['only measured', undefined, undefined, 102_000, undefined, 102_000],
    ['configured', configured, undefined, undefined, 5000, 100_000],
    ['configured, a little slow', configured, undefined, 130_000, 5000, 100_000],
    ['tuned by event', configured, 80_000, 1_600_000, 80_000, 1_600_000],
    ['tuned without an event', configured, undefined, 1_600_000, 80_000, 1_600_000],
    [
      'staged but never committed',
      { sampleIntervalUs: 50_000, aggrIntervalUs: 1_000_000 },
      undefined,
      100_000,
      5000,
      100_000,
    ],
  ] as const)('%s', (_, staged, tuned, measured, sampleIntervalUs, aggrIntervalUs) => {
    expect(
      computeIntervals({
        configured: staged,
        tunedSampleIntervalUs: tuned,
        measuredAggrIntervalUs: measured,
      }),
    ).toEqual({ sampleIntervalUs, aggrIntervalUs });
  });
});

describe('where an aggregation began', () => {
  test('the first one began one interval before its end', () => {
    expect(new SnapshotStream().noteEnd(1_000_000_000n, 100_000)).toBe(900_000_000n);
  });

  test('neighbours share a border', () => {
    const stream = new SnapshotStream();
    stream.noteEnd(1_000_000_000n, 100_000);
    expect(stream.noteEnd(1_104_000_000n, 100_000)).toBe(1_000_000_000n);
    expect(stream.measuredAggrIntervalUs).toBe(104_000);
  });

  test('after a missed aggregation only one interval is claimed', () => {
    const stream = new SnapshotStream();
    stream.noteEnd(1_000_000_000n, 100_000);
    expect(stream.noteEnd(1_200_000_000n, 100_000)).toBe(1_100_000_000n);
  });

  test('one missed aggregation does not change the measured interval', () => {
    const stream = new SnapshotStream();
    for (const endMs of [100n, 200n, 300n, 500n, 600n])
      stream.noteEnd(endMs * 1_000_000n, undefined);
    expect(stream.measuredAggrIntervalUs).toBe(100_000);
  });
});
