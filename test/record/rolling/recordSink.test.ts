import { describe, expect, test } from 'vitest';
import type { KdamondRef, Snapshot } from '../../../src/damon/snapshot.ts';
import { createRecordSink } from '../../../src/record/rolling/recordSink.ts';
import type { RollingWriter } from '../../../src/record/rolling/rolling.ts';
import { createSnapshotConverter } from '../../../src/record/snapshotConverter.ts';
import type { TargetDescription } from '../../../src/record/snapshotConverter.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import { makeSnapshot } from '../../support/observations.ts';

const INTERVALS = {
  sampleIntervalUs: 5000,
  aggrIntervalUs: 100_000,
  updateIntervalUs: 1_000_000,
  goal: undefined,
};
const KDAMOND: KdamondRef = { label: '0', owner: 'own', pid: 7 };

function take(change: Partial<Snapshot> = {}): Snapshot {
  const snapshot = makeSnapshot([[0x1000n, 0x3000n, 1, 2]]);
  return { ...snapshot, kdamond: KDAMOND, sampleIntervalUs: 5000, ...change };
}

function describeAs(intervals = INTERVALS, targetName = 'mysqld'): () => TargetDescription {
  return () => ({ targetName, intervals });
}

/** Takes what it is given when it is allowed to. */
function createSlowWriter() {
  const written: RecordedSnapshot[] = [];
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const writer: RollingWriter = {
    base: '/r',
    write: async (snapshot) => {
      await gate;
      written.push(snapshot);
    },
    flush: () => Promise.resolve(),
    close: () => Promise.resolve(),
    health: () => ({
      isRecording: true,
      sizeBytes: 0,
      nrSegments: 0,
      flushAgeSeconds: undefined,
      droppedSnapshots: 3,
      errors: 0,
    }),
  };
  return { writer, written, open };
}

describe('the record sink', () => {
  test('takes at once, writes later, in order, and finishes at the end', async () => {
    const { writer, written, open } = createSlowWriter();
    const sink = createRecordSink({ writer, convert: createSnapshotConverter(describeAs()) });
    for (let number = 0; number < 100; number += 1) sink.take(take({ endNs: BigInt(number) }));
    expect(written).toEqual([]);
    open();
    await sink.close();
    expect(written.map(({ endNs }) => Number(endNs))).toEqual(
      Array.from({ length: 100 }, (_, n) => n),
    );
  });

  test('drops and counts what a slow disk cannot take, and goes on afterwards', async () => {
    const { writer, written, open } = createSlowWriter();
    const convert = createSnapshotConverter(describeAs());
    const sink = createRecordSink({ writer, convert, maxWaitingRegions: 10 });
    for (let number = 0; number < 25; number += 1) sink.take(take());
    expect(sink.health().droppedSnapshots).toBe(3 + 15);
    open();
    while (written.length < 10) await new Promise((resolve) => setTimeout(resolve, 1));
    sink.take(take());
    await sink.close();
    expect(written).toHaveLength(11);
    expect(sink.health().droppedSnapshots).toBe(18);
  });
});

describe('a stream', () => {
  test('is one target of one kdamond, with its name and its intervals', () => {
    const convert = createSnapshotConverter(describeAs());
    const [first, second] = [convert(take()), convert(take())];
    expect(first.stream).toBe(second.stream);
    expect(first.stream).toMatchObject({
      kdamond: '0',
      contextIndex: 0,
      targetId: '0',
      targetName: 'mysqld',
      intervals: INTERVALS,
    });
    expect(first.sampleIntervalUs).toBeUndefined();
    const others = [
      convert(take({ target: '1' })),
      convert(take({ contextIndex: 1 })),
      convert(take({ kdamond: { ...KDAMOND, label: 'damon_stat' } })),
    ];
    expect(new Set([first, ...others].map(({ stream }) => stream)).size).toBe(4);
  });

  test('stays when the kernel tunes the intervals, which each snapshot then tells', () => {
    let description: TargetDescription = describeAs()();
    const convert = createSnapshotConverter(() => description);
    const first = convert(take());
    description = {
      ...description,
      intervals: { ...INTERVALS, sampleIntervalUs: 80_000, aggrIntervalUs: 1_600_000 },
    };
    const tuned = convert(take({ sampleIntervalUs: 80_000 }));
    expect(tuned.stream).toBe(first.stream);
    expect(tuned.sampleIntervalUs).toBe(80_000);
  });

  test.each([
    ['the samples per aggregation', { ...INTERVALS, aggrIntervalUs: 200_000 }, 'mysqld'],
    ['the update interval', { ...INTERVALS, updateIntervalUs: 5 }, 'mysqld'],
    ['the process', INTERVALS, 'nginx'],
  ])('ends where somebody changes %s', (_, intervals, name) => {
    let describeTarget = describeAs();
    const convert = createSnapshotConverter(() => describeTarget());
    const first = convert(take());
    describeTarget = describeAs(intervals, name);
    expect(convert(take()).stream).not.toBe(first.stream);
  });
});
