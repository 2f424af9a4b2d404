import { describe, expect, test } from 'vitest';
import { computeHeatMatrix } from '../../../src/report/heatmap/computeHeat.ts';
import type { HeatRequest } from '../../../src/report/heatmap/computeHeat.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import {
  createMemoryReader,
  lend,
  makeSnapshot,
  makeStream,
} from '../../support/recordedSnapshots.ts';

const MS = 1_000_000n;
const START = 7_000n * MS;

function makeRequest(overrides: Partial<HeatRequest> = {}): HeatRequest {
  return {
    streams: {},
    time: undefined,
    address: undefined,
    resolution: { nrTimes: 2, nrAddresses: 2 },
    options: {},
    ...overrides,
  };
}

/** Target 0 is small and comes first; target 1 has two regions, the second larger. */
function makeRecord(ids: readonly [string, string] = ['0', '1']) {
  const [small, large] = ids.map((targetId) => makeStream({ targetId })) as [
    ReturnType<typeof makeStream>,
    ReturnType<typeof makeStream>,
  ];
  return [0n, 1n, 2n, 3n].flatMap((nth) => {
    const span = [START + nth * 100n * MS, START + (nth + 1n) * 100n * MS] as const;
    return [
      makeSnapshot(small, span, [[0n, 0x1000n, 1]]),
      makeSnapshot(large, span, [
        [0x1_0000n, 0x1_1000n, 5],
        [0x10_0000n, 0x10_1000n, 20],
        [0x10_1000n, 0x10_2000n, Number(nth)],
      ]),
    ];
  });
}

/** Like a file with an index: the same stream objects each time, and both ends are at hand. */
function createIndexedReader(snapshots: readonly RecordedSnapshot[]) {
  const reader = {
    format: 'damon-exporter',
    clockBase: undefined,
    nrReadings: 0,
    async *readSnapshots() {
      reader.nrReadings += 1;
      for (const snapshot of snapshots) yield await Promise.resolve([snapshot]);
    },
    async *lendEnds() {
      yield await Promise.resolve(lend(snapshots.slice(0, 2)));
      yield await Promise.resolve(lend(snapshots.slice(-2)));
    },
  };
  return reader;
}

describe('with both ends of the record at hand', () => {
  test.each([
    ['one reading is enough where they tell what is between', () => makeRecord(), 1],
    [
      'what is between may reach further',
      () => makeRecord().map((snapshot, nth) => (nth === 3 ? moveUp(snapshot) : snapshot)),
      2,
    ],
    [
      'what is between may make another target the biggest',
      () => makeRecord().map((snapshot, nth) => (nth === 4 ? widen(snapshot) : snapshot)),
      2,
    ],
    [
      'another target may be between only',
      () => {
        const [first, second, ...rest] = makeRecord();
        const other = { ...widen(first!), stream: makeStream({ targetId: '2' }) };
        return [first!, second!, other, ...rest];
      },
      2,
    ],
  ])('%s', async (_, makeSnapshots, nrReadings) => {
    const record = makeSnapshots();
    const indexed = createIndexedReader(record);
    const requests = [
      makeRequest(),
      makeRequest({ time: { start: 0n, end: 300n * MS, base: 'guided' } }),
      makeRequest({ address: { start: 0x10_0800n, end: 0x10_1800n, base: 0n } }),
      makeRequest({ streams: { targetId: '1' } }),
      makeRequest({ streams: { targetId: '7' } }),
    ];
    for (const [nth, request] of requests.entries()) {
      indexed.nrReadings = 0;
      const matrix = await computeHeatMatrix(indexed, request);
      expect(matrix).toEqual(await computeHeatMatrix(createMemoryReader(record), request));
      if (nth === 0) expect(indexed.nrReadings).toBe(nrReadings);
    }
  });

  function moveUp({ stream, startNs, endNs }: RecordedSnapshot): RecordedSnapshot {
    return makeSnapshot(stream, [startNs, endNs], [[0x10_0000n, 0x10_8000n, 3]]);
  }

  function widen({ stream, startNs, endNs }: RecordedSnapshot): RecordedSnapshot {
    return makeSnapshot(stream, [startNs, endNs], [[0n, 0x1000_0000n, 2]]);
  }
});

describe('without ranges', () => {
  test('the biggest region of the biggest target is shown, over all of its time', async () => {
    const reader = createMemoryReader(makeRecord());
    const matrix = await computeHeatMatrix(reader, makeRequest());
    expect(matrix).toMatchObject({
      timeRange: { startNs: START, endNs: START + 400n * MS },
      addressRange: { startAddr: 0x10_0000n, endAddr: 0x10_2000n },
      unit: 'hz',
      maxValue: 200,
      stream: { targetId: '1' },
    });
    expect([...matrix!.values]).toEqual([200, 5, 200, 25]);
  });

  test('a slow format is read once, ours twice, with the same result', async () => {
    const slow = createMemoryReader(makeRecord());
    const own = createMemoryReader(makeRecord(), { format: 'damon-exporter' });
    const matrices = [
      await computeHeatMatrix(slow, makeRequest()),
      await computeHeatMatrix(own, makeRequest()),
    ];
    expect([slow.nrReadings, own.nrReadings]).toEqual([1, 2]);
    expect(matrices[0]!.values).toEqual(matrices[1]!.values);
  });

  test('another target can be chosen', async () => {
    const matrix = await computeHeatMatrix(
      createMemoryReader(makeRecord()),
      makeRequest({ streams: { targetId: '0' } }),
    );
    expect(matrix?.addressRange).toEqual({ startAddr: 0n, endAddr: 0x1000n });
    expect([...matrix!.values]).toEqual([10, 10, 10, 10]);
  });

  test.each(['json', 'damon-exporter'])(
    'targets of one id are not mixed up (%s)',
    async (format) => {
      const reader = createMemoryReader(makeRecord(['0', '0']), { format });
      const matrix = await computeHeatMatrix(reader, makeRequest());
      expect([...matrix!.values]).toEqual([200, 5, 200, 25]);
    },
  );
});

describe('with ranges', () => {
  const time = { start: START + 200n * MS, end: START + 400n * MS, base: 0n };
  const address = { start: 0x10_0000n, end: 0x10_2000n, base: 0n };

  test('both given: one reading is enough when the first target is the one', async () => {
    const record = makeRecord();
    const reader = createMemoryReader(record.filter(({ stream }) => stream.targetId === '1'));
    const matrix = await computeHeatMatrix(reader, makeRequest({ time, address }));
    expect([...matrix!.values]).toEqual([200, 20, 200, 30]);
    expect(reader.nrReadings).toBe(1);
  });

  test('both given: the biggest target is shown though it comes second', async () => {
    const matrix = await computeHeatMatrix(
      createMemoryReader(makeRecord()),
      makeRequest({ time, address }),
    );
    expect(matrix?.stream.targetId).toBe('1');
    expect([...matrix!.values]).toEqual([200, 20, 200, 30]);
  });

  test('one given: the other comes from the guide', async () => {
    const matrix = await computeHeatMatrix(createMemoryReader(makeRecord()), makeRequest({ time }));
    expect(matrix).toMatchObject({
      timeRange: { startNs: time.start, endNs: time.end },
      addressRange: { startAddr: 0x10_0000n, endAddr: 0x10_2000n },
    });
  });

  test('a range can be counted from what the guide finds', async () => {
    const matrix = await computeHeatMatrix(
      createMemoryReader(makeRecord()),
      makeRequest({
        time: { start: -200n * MS, end: -100n * MS, base: 'guided_end' },
        address: { start: 0x1000n, end: 0x2000n, base: 'guided' },
      }),
    );
    expect(matrix).toMatchObject({
      timeRange: { startNs: START + 200n * MS, endNs: START + 300n * MS },
      addressRange: { startAddr: 0x10_1000n, endAddr: 0x10_2000n },
    });
    expect([...matrix!.values]).toEqual([20, 20, 20, 20]);
  });

  test.each([
    ['time', { time: { start: 0n, end: START, base: 0n } }],
    ['address', { address: { start: 0x20_0000n, end: 0x30_0000n, base: 0n } }],
    ['both', { time: { start: 0n, end: START, base: 0n }, address }],
    ['target', { streams: { targetId: '7' } }],
  ])('nothing is there: %s', async (_, overrides) => {
    const reader = createMemoryReader(makeRecord());
    expect(await computeHeatMatrix(reader, makeRequest(overrides))).toBeUndefined();
  });
});
