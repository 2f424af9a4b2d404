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
  const endAt = (endMs: number, isGapless = false) => ({
    endNs: BigInt(endMs) * 1_000_000n,
    isGapless,
  });

  test('the first one began one interval before its end', () => {
    expect(new SnapshotStream().noteEnd(endAt(1000), 100_000)).toBe(900_000_000n);
  });

  test('neighbours share a border', () => {
    const stream = new SnapshotStream();
    stream.noteEnd(endAt(1000), 100_000);
    expect(stream.noteEnd(endAt(1104), 100_000)).toBe(1_000_000_000n);
    expect(stream.measuredAggrIntervalUs).toBe(104_000);
  });

  test.each([
    ['after a missed aggregation only one interval is claimed', 1200, false, 1100],
    ['where none was missed a late one is claimed whole', 1390, true, 1000],
    ['but not the time in which a kdamond rested', 1410, true, 1310],
  ])('%s', (_what, endMs, isGapless, startMs) => {
    const stream = new SnapshotStream();
    stream.noteEnd(endAt(1000), 100_000);
    expect(stream.noteEnd(endAt(endMs, isGapless), 100_000)).toBe(BigInt(startMs) * 1_000_000n);
  });

  test('one missed aggregation does not change the measured interval', () => {
    const stream = new SnapshotStream();
    for (const endMs of [100, 200, 300, 500, 600]) stream.noteEnd(endAt(endMs), undefined);
    expect(stream.measuredAggrIntervalUs).toBe(100_000);
  });
});
