import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SnapshotAssembler } from '../../../src/kernel/trace/snapshotAssembler.ts';
import {
  describeEvents,
  describeSnapshot,
  planSnapshot,
  toCpuEvents,
} from '../../support/traceEvents.ts';
import type { RegionEvent } from '../../support/tracePages.ts';
import { assemble } from '../../support/traceParsing.ts';

const AGGR_NS = 100_000_000n;

/** Snapshots of one target, one aggregation apart. */
function planSnapshots(
  nrRegions: readonly number[],
  baseAddr?: (at: number) => bigint,
): RegionEvent[][] {
  return nrRegions.map((count, at) =>
    planSnapshot({
      beginNs: BigInt(at + 1) * AGGR_NS,
      nrRegions: count,
      ...(baseAddr === undefined ? {} : { baseAddr: baseAddr(at) }),
    }),
  );
}

function assembleEvents(events: readonly RegionEvent[]): {
  found: string[];
  spoiledSnapshots: number;
} {
  const { snapshots, spoiledSnapshots } = assemble([toCpuEvents(events)]);
  return { found: snapshots.map(describeSnapshot), spoiledSnapshots };
}

describe('a snapshot', () => {
  test('is as many events as each of them announces', () => {
    const plans = planSnapshots([3, 5, 1, 1, 4]);
    expect(assembleEvents(plans.flat())).toEqual({
      found: plans.map(describeEvents),
      spoiledSnapshots: 0,
    });
  });

  test('has columns of exactly its size, which later ones do not touch', () => {
    const assembler = new SnapshotAssembler();
    const [first, second] = planSnapshots([4, 4], (at) => BigInt(at + 1) << 32n);
    const events = toCpuEvents([...first!, ...second!]);
    assembler.add(events, 0, 4);
    const [snapshot] = assembler.takeSnapshots();
    const before = describeSnapshot(snapshot!);
    events.startAddr.fill(0n);
    assembler.add(toCpuEvents(second!), 0, 4);
    expect(snapshot!.regions.startAddr).toHaveLength(4);
    expect(describeSnapshot(snapshot!)).toBe(before);
  });

  test('may come in pieces', () => {
    const assembler = new SnapshotAssembler();
    const plan = planSnapshot({ beginNs: 5n, nrRegions: 9 });
    const events = toCpuEvents(plan);
    for (const [from, to] of [
      [0, 1],
      [1, 5],
      [5, 8],
      [8, 9],
    ] as const)
      assembler.add(events, from, to);
    expect(assembler.takeSnapshots().map(describeSnapshot)).toEqual([describeEvents(plan)]);
    expect(assembler.takeSnapshots()).toEqual([]);
  });

  test('belongs to its kdamond and target, however the kdamonds run at the same time', () => {
    const one = planSnapshots([6, 6]);
    const other = one.map((plan) =>
      plan.map((event) => ({ ...event, pid: 51, timeNs: event.timeNs + 100n })),
    );
    const second = one.map((plan) =>
      plan.map((event) => ({ ...event, targetId: 1n, timeNs: event.timeNs + 10_000n })),
    );
    const mixed = [...one, ...other, ...second]
      .flat()
      .sort((a, b) => (a.timeNs < b.timeNs ? -1 : 1));
    const { found, spoiledSnapshots } = assembleEvents(mixed);
    expect(found.sort()).toEqual([...one, ...other, ...second].map(describeEvents).sort());
    expect(spoiledSnapshots).toBe(0);
  });

  test('keeps the number of a target beyond 2^53', () => {
    const plan = planSnapshot({ beginNs: 1n, nrRegions: 2, targetId: 0xffff_8880_1234_5678n });
    expect(assemble([toCpuEvents(plan)]).snapshots.map(({ targetId }) => targetId)).toEqual([
      '18446612682375452280',
    ]);
  });

  test('of a region without a byte is thrown away', () => {
    const plans = planSnapshots([3, 3]);
    plans[0]![1] = { ...plans[0]![1]!, end: plans[0]![1]!.start };
    const { found, spoiledSnapshots } = assembleEvents(plans.flat());
    expect(found).toEqual([describeEvents(plans[1]!)]);
    expect(spoiledSnapshots).toBe(1);
  });

  test.each([0, (1 << 20) + 1, 0xffff_ffff])(
    'that announces %i regions is thrown away',
    (nrRegions) => {
      const [broken, sound] = planSnapshots([3, 3]);
      const { found, spoiledSnapshots } = assembleEvents([
        ...broken!.map((event) => ({ ...event, nrRegions })),
        ...sound!,
      ]);
      expect(found).toEqual([describeEvents(sound!)]);
      expect(spoiledSnapshots).toBe(1);
    },
  );
});

describe('a lost event', () => {
  const LAYOUTS: readonly (readonly [string, (at: number) => bigint])[] = [
    ['that stays where it is', () => 0x1000n],
    ['that moves up', (at) => 0x1000n + (BigInt(at) << 32n)],
    ['that moves down', (at) => 0x1000n + (BigInt(10 - at) << 32n)],
  ];

  // With less than two regions nothing is left of a snapshot to be spoiled.
  test.each(LAYOUTS)('spoils exactly its snapshot of a target %s', (_, baseAddr) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 2, max: 12 }), { minLength: 5, maxLength: 8 }),
        fc.nat(),
        fc.nat(),
        (nrRegions, pickSnapshot, pickEvent) => {
          const plans = planSnapshots(nrRegions, baseAddr);
          // Two whole snapshots tell the spacing; the last one is closed by the one behind it.
          const hit = 2 + (pickSnapshot % (plans.length - 3));
          const lost = plans[hit]![pickEvent % plans[hit]!.length]!;
          const { found, spoiledSnapshots } = assembleEvents(
            plans.flat().filter((e) => e !== lost),
          );
          expect(found).toEqual(plans.filter((_plan, at) => at !== hit).map(describeEvents));
          expect(spoiledSnapshots).toBe(1);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('spoils exactly its snapshot from the first on, when the target stays where it is', () => {
    const plans = planSnapshots([4, 4, 4]);
    for (const [hit, plan] of plans.slice(0, 2).entries()) {
      for (const lost of plan) {
        const { found, spoiledSnapshots } = assembleEvents(plans.flat().filter((e) => e !== lost));
        expect(found).toEqual(plans.filter((_, at) => at !== hit).map(describeEvents));
        expect(spoiledSnapshots).toBe(1);
      }
    }
  });

  test('spoils exactly its snapshot when several targets follow each other', () => {
    const plans = Array.from({ length: 6 }, (_, at) =>
      planSnapshot({ beginNs: BigInt(at) * 50_000_000n, nrRegions: 4, targetId: BigInt(at % 2) }),
    );
    for (const [hit, plan] of plans.slice(0, 5).entries()) {
      for (const lost of plan) {
        const { found, spoiledSnapshots } = assembleEvents(plans.flat().filter((e) => e !== lost));
        expect(found).toEqual(plans.filter((_, at) => at !== hit).map(describeEvents));
        expect(spoiledSnapshots).toBe(1);
      }
    }
  });

  test('that is flagged spoils exactly its snapshot', () => {
    const plans = planSnapshots([4, 4, 4]);
    for (const lost of [1, 2]) {
      const assembler = new SnapshotAssembler();
      const before = toCpuEvents([...plans[0]!, ...plans[1]!.slice(0, lost)]);
      const after = toCpuEvents([...plans[1]!.slice(lost + 1), ...plans[2]!], 1);
      after.lossSerial = 1;
      assembler.add(before, 0, before.count);
      assembler.add(after, 0, after.count);
      expect(assembler.takeSnapshots().map(describeSnapshot)).toEqual(
        [plans[0]!, plans[2]!].map(describeEvents),
      );
      expect(assembler.spoiledSnapshots).toBe(1);
    }
  });
});

describe('many lost events', () => {
  test('never join two snapshots, not even as many as a snapshot has', () => {
    const plans = planSnapshots([10, 10, 10, 10, 10]);
    const events = plans.flat();
    // The last 8 of the third and the first 2 of the fourth.
    const left = events.filter((_, at) => at < 22 || at >= 32);
    const { found, spoiledSnapshots } = assembleEvents(left);
    expect(found).toEqual([plans[0]!, plans[1]!, plans[4]!].map(describeEvents));
    expect(spoiledSnapshots).toBe(2);
  });

  test('never join two snapshots when the spacing is not known but the loss is flagged', () => {
    const [first, second, third] = planSnapshots([10, 10, 10]);
    const assembler = new SnapshotAssembler();
    const before = toCpuEvents(first!.slice(0, 2));
    const after = toCpuEvents([...second!.slice(2), ...third!], 'unknown');
    after.lossSerial = 1;
    assembler.add(before, 0, 2);
    assembler.add(after, 0, after.count);
    expect(assembler.takeSnapshots().map(describeSnapshot)).toEqual([describeEvents(third!)]);
  });

  test('leave nothing but snapshots that were reported', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 8 }), { minLength: 3, maxLength: 10 }),
        fc.array(fc.tuple(fc.nat(80), fc.integer({ min: 1, max: 20 })), { maxLength: 4 }),
        (nrRegions, losses) => {
          const plans = planSnapshots([3, 3, 3, ...nrRegions]);
          const left = plans
            .flat()
            .filter(
              (_, at) => at < 9 || !losses.some(([from, n]) => at >= 9 + from && at < 9 + from + n),
            );
          const known = new Set(plans.map(describeEvents));
          expect(assembleEvents(left).found.filter((snapshot) => !known.has(snapshot))).toEqual([]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a pause', () => {
  test('within a snapshot of up to half the spacing is waited out', () => {
    const plans = planSnapshots([4, 4, 4]);
    const late = plans[2]!.map((event, at) =>
      at < 2 ? event : { ...event, timeNs: event.timeNs + 49_000_000n },
    );
    expect(assembleEvents([...plans[0]!, ...plans[1]!, ...late]).found).toHaveLength(3);
  });

  test('longer than that costs the snapshot, and nothing after it', () => {
    const plans = planSnapshots([4, 4, 4, 4, 4]);
    const late = plans[2]!.map((event, at) =>
      at < 2 ? event : { ...event, timeNs: event.timeNs + 60_000_000n },
    );
    const { found } = assembleEvents([plans[0]!, plans[1]!, late, plans[3]!, plans[4]!].flat());
    expect(found).toEqual([plans[0]!, plans[1]!, plans[3]!, plans[4]!].map(describeEvents));
  });

  test('is judged anew after intervals have shrunk or grown a thousandfold', () => {
    const times = [
      0n,
      100_000_000n,
      200_000_000n,
      200_100_000n,
      200_200_000n,
      300_000_000_000n,
      400_000_000_000n,
    ];
    const plans = times.map((beginNs) => planSnapshot({ beginNs, nrRegions: 5, stepNs: 500n }));
    const { found, spoiledSnapshots } = assembleEvents(plans.flat());
    expect(found).toEqual(plans.map(describeEvents));
    expect(spoiledSnapshots).toBe(0);
  });

  test('mistaken for ever is impossible: a wrong spacing is forgotten', () => {
    const quick = Array.from({ length: 4 }, (_, at) =>
      planSnapshot({ beginNs: BigInt(at * 10), nrRegions: 1 }),
    );
    const plans = Array.from({ length: 4 }, (_, at) =>
      planSnapshot({ beginNs: BigInt(at + 1) * AGGR_NS, nrRegions: 5 }),
    );
    const { found } = assembleEvents([...quick, ...plans].flat());
    expect(found.slice(-3)).toEqual(plans.slice(1).map(describeEvents));
  });
});

test('more kernel threads than are remembered cost no snapshot that is not open', () => {
  const assembler = new SnapshotAssembler();
  for (let round = 0; round < 400; round += 1) {
    const plans = Array.from({ length: 100 }, (_, at) =>
      planSnapshot({ beginNs: BigInt(round), nrRegions: 1, pid: round * 100 + at }),
    );
    const events = toCpuEvents(plans.flat());
    assembler.add(events, 0, events.count);
    expect(assembler.takeSnapshots()).toHaveLength(100);
  }
  expect(assembler.spoiledSnapshots).toBe(0);
});
