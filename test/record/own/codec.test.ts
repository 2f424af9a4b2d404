import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type {
  RecordedRegions,
  RecordedSnapshot,
  RecordedStream,
} from '../../../src/record/recording.ts';
import { decodeBlock, lendBlock } from '../../../src/record/own/blockDecoder.ts';
import { BlockEncoder } from '../../../src/record/own/blockEncoder.ts';
import type { EncodedBlock } from '../../../src/record/own/blockEncoder.ts';
import {
  createStreamDefiner,
  createStreamInterner,
} from '../../../src/record/own/streamDefinition.ts';
import { encodeBlock, lendValues, roundTripBlock } from '../../support/blocks.ts';
import {
  generateSnapshots,
  isSame,
  makeRecorded,
  makeRegions,
  makeStream,
  toComparable,
} from '../../support/recordBuilders.ts';
import type { RegionRow } from '../../support/recordBuilders.ts';

function expectRoundTrip(snapshots: readonly RecordedSnapshot[]): void {
  const expected = snapshots.map(toComparable);
  expect(roundTripBlock(snapshots).map(toComparable)).toEqual(expected);
  const block = encodeBlock(snapshots);
  expect([...lendValues(block)]).toEqual(expected);
  const ageless = snapshots.map((one) => ({ ...one, regions: { ...one.regions, hasAges: false } }));
  expect([...lendValues(block, false)]).toEqual(ageless.map(toComparable));
  expectTrueRuns(block);
}

/** Where it is told which regions do not touch the one before, it is so. */
function expectTrueRuns(block: EncodedBlock): void {
  const options = { interner: createStreamInterner(), withAges: true };
  for (const { regions } of lendBlock(block.raw, block, options)) {
    if (regions.runStarts === undefined) continue;
    const { startAddr, endAddr } = regions;
    const isRunStart = (at: number): boolean => at > 0 && startAddr[at] !== endAddr[at - 1];
    const found = Array.from({ length: regions.count }, (_, at) => at).filter(isRunStart);
    expect([...regions.runStarts]).toEqual(found);
  }
}

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint32 = fc.nat({ max: 0xffff_ffff });
const count = fc.oneof({ weight: 3, arbitrary: fc.nat({ max: 20 }) }, uint32);

/** Boundaries of a small set, so that snapshots have many in common; pages or any bytes. */
const address = fc.oneof(
  { weight: 8, arbitrary: fc.nat({ max: 60 }).map((page) => BigInt(page) * 4096n) },
  { weight: 2, arbitrary: fc.nat({ max: 60 }).map((page) => (1n << 46n) + BigInt(page) * 4096n) },
  { weight: 1, arbitrary: uint64 },
);

/** Mostly what kernels give, sometimes empty, overlapping or backwards. */
const rows: fc.Arbitrary<RegionRow[]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.uniqueArray(address, { maxLength: 30 }),
        fc.array(fc.tuple(count, count, fc.boolean()), { minLength: 30, maxLength: 30 }),
      )
      .map(([bounds, values]) => {
        const sorted = bounds.sort((left, right) => (left < right ? -1 : left > right ? 1 : 0));
        return sorted.slice(1).flatMap((end, index): RegionRow[] => {
          const [nrAccesses, age, isGap] = values[index]!;
          return isGap && index % 4 === 0 ? [] : [[sorted[index]!, end, nrAccesses, age]];
        });
      }),
  },
  { weight: 1, arbitrary: fc.array(fc.tuple(address, address, count, count), { maxLength: 10 }) },
);

const regions: fc.Arbitrary<RecordedRegions> = fc
  .tuple(rows, fc.boolean(), fc.nat({ max: 4 }), fc.boolean(), fc.infiniteStream(uint64))
  .map(([list, hasAges, nrProbes, hasPassed, numbers]) =>
    makeRegions(
      hasAges ? list : list.map(([start, end, nrAccesses]) => [start, end, nrAccesses, 0]),
      {
        hasAges,
        probeHits: Array.from({ length: nrProbes }, (_, probe) =>
          Uint8Array.from(list, (__, index) => (probe * 50 + index) & 0xff),
        ),
        filterPassedBytes: hasPassed
          ? BigUint64Array.from(list, () => numbers.next().value as bigint)
          : undefined,
      },
    ),
  );

const STATS = ['triedRegions', 'triedBytes', 'appliedRegions', 'appliedBytes', 'opsFilterPassedBytes', 'quotaExceeds', 'nrSnapshots', 'maxNrSnapshots'] as const; // prettier-ignore
const stats = fc.record(
  Object.fromEntries(STATS.map((field) => [field, uint64])) as Record<
    (typeof STATS)[number],
    typeof uint64
  >,
);
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const timeNs = fc.bigInt({ min: 1n - 2n ** 63n, max: 2n ** 63n - 1n });

const snapshots: fc.Arbitrary<RecordedSnapshot[]> = fc
  .tuple(
    fc.array(
      fc.record({
        kdamond: maybe(fc.string()),
        contextIndex: maybe(fc.nat()),
        schemeIndex: maybe(fc.nat()),
        targetId: maybe(uint64.map(String)),
        targetName: maybe(fc.string({ unit: 'binary' })),
        dataSource: maybe(fc.constantFrom('unknown', 'damon_stat')),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    fc.array(
      fc.record({
        streamIndex: fc.nat({ max: 3 }),
        times: fc.tuple(timeNs, timeNs),
        regions,
        sampleIntervalUs: maybe(
          fc.oneof(fc.integer({ min: 1 }), fc.double({ min: 0.001, max: 1e300, noNaN: true })),
        ),
        totalBytes: maybe(uint64),
        schemeStats: maybe(stats),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  )
  .map(([heads, list]) => {
    const streams: RecordedStream[] = heads.map((head) => makeStream(head));
    return list.map(({ streamIndex, times: [left, right], ...rest }) => ({
      ...rest,
      startNs: left < right ? left : right,
      endNs: left < right ? right : left,
      stream: streams[streamIndex % streams.length]!,
    }));
  });

describe('a block', () => {
  test('gives back whatever snapshots it was made of', () => {
    fc.assert(fc.property(snapshots, expectRoundTrip), { numRuns: 300 });
  });

  test.each([0, 0.05, 0.5, 1])(
    'gives back what a kernel tells when %d of it changes',
    (restlessness) => {
      const stream = makeStream();
      expectRoundTrip([
        ...generateSnapshots(stream, { nrSnapshots: 30, nrRegions: 50, restlessness }),
      ]);
    },
  );

  test('keeps streams apart that look the same, and gives one object per stream', () => {
    const [first, second] = [makeStream(), makeStream()];
    const list = [first, second, first].map((stream) => makeRecorded(stream));
    const [a, b, c] = roundTripBlock(list).map(({ stream }) => stream);
    expect(a).toEqual(b);
    expect(a).not.toBe(b);
    expect(a).toBe(c);
  });

  test('keeps filters, goals and 64-bit ids of a stream', () => {
    const stream = makeStream({
      targetId: '18446623440000000123',
      intervals: {
        sampleIntervalUs: 5000,
        aggrIntervalUs: 100_000,
        updateIntervalUs: 1_000_000,
        goal: {
          accessBp: 400.5,
          aggrs: 3,
          minSampleIntervalUs: 5000,
          maxSampleIntervalUs: 10_000_000,
        },
      },
      schemeFilters: [
        {
          type: 'memcg',
          isMatching: true,
          isAllowing: false,
          memcgPath: '/a/ü',
          addrRange: { startAddr: 0n, endAddr: 2n ** 64n - 1n },
          targetIndex: 3,
          hugepageSizeBytes: { min: 1n << 21n, max: 2n ** 64n - 1n },
        },
        {
          type: 'anon',
          isMatching: false,
          isAllowing: true,
          memcgPath: undefined,
          addrRange: undefined,
          targetIndex: undefined,
          hugepageSizeBytes: undefined,
        },
      ],
    });
    expectRoundTrip([makeRecorded(stream)]);
  });

  test('is not asked to hold more regions than any reader takes', () => {
    const encoder = new BlockEncoder(createStreamDefiner());
    const huge = makeRecorded(makeStream(), { regions: { ...makeRegions([]), count: 3_000_000 } });
    expect(() => {
      encoder.add(huge);
    }).toThrow(RangeError);
    expect(encoder.nrSnapshots).toBe(0);
  });
});

describe('bytes that no encoder wrote', () => {
  const { raw, nrSnapshots, nrRegions } = encodeBlock([
    ...generateSnapshots(makeStream(), { nrSnapshots: 4, nrRegions: 5, restlessness: 0.5 }),
    makeRecorded(makeStream({ targetId: '1' }), {
      regions: makeRegions([[1n, 2n ** 64n - 1n, 1, 1]], {
        probeHits: [Uint8Array.of(1)],
        filterPassedBytes: BigUint64Array.of(5n),
      }),
      sampleIntervalUs: 4000,
      totalBytes: 5n,
    }),
  ]);

  /** Either snapshots or a plain error about the bytes; never a crash, a hang or much memory. */
  function expectHarmless(bytes: Buffer, head = { nrSnapshots, nrRegions }): void {
    const decode = () => decodeBlock(bytes, head, createStreamInterner()).map(toComparable);
    const decoded = attempt(decode);
    const lent = attempt(() => [...lendValues({ raw: bytes, ...head })]);
    // Lent or not, the same is found, or the same complaint made.
    if (decoded instanceof Error) {
      expect([RangeError, SyntaxError]).toContain(decoded.constructor);
      expect((lent as Error).message).toBe(decoded.message);
      return;
    }
    expect(decoded.length).toBe(head.nrSnapshots);
    expect(isSame(lent, decoded)).toBe(true);
  }

  function attempt<T>(action: () => T): T | Error {
    try {
      return action();
    } catch (error) {
      return error as Error;
    }
  }

  test('are refused or harmless, whichever bit is wrong', () => {
    for (let bit = 0; bit < 8 * raw.length; bit += 1) {
      const bytes = Buffer.from(raw);
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expectHarmless(bytes);
    }
  }, 30_000);

  test('are refused or harmless, whichever bytes are there instead', () => {
    const edits = fc.array(fc.tuple(fc.nat({ max: raw.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 20,
    });
    fc.assert(
      fc.property(
        edits,
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        (list, snapshotCount, regionCount) => {
          const bytes = Buffer.from(raw);
          for (const [at, value] of list) bytes[at] = value;
          expectHarmless(bytes, { nrSnapshots: snapshotCount, nrRegions: regionCount });
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['more snapshots', { nrSnapshots: 60_000, nrRegions }, /fewer heads/],
    ['more regions', { nrSnapshots, nrRegions: nrRegions + 1 }, /fewer regions/],
    ['fewer regions', { nrSnapshots, nrRegions: nrRegions - 1 }, /more regions/],
    ['fewer snapshots', { nrSnapshots: 1, nrRegions }, /fewer regions/],
  ])('are refused when %s are announced', (_, head, message) => {
    expect(() => decodeBlock(raw, head, createStreamInterner())).toThrow(message);
  });

  test('are refused when they end early', () => {
    for (let length = 0; length < raw.length; length += 1) {
      expect(() =>
        decodeBlock(raw.subarray(0, length), { nrSnapshots, nrRegions }, createStreamInterner()),
      ).toThrow(RangeError);
    }
  });
});
