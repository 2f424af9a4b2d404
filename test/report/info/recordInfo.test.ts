import { expect, test } from 'vitest';
import {
  createRecordInfoBuilder,
  formatRecordInfo,
  formatRecordInfoJson,
} from '../../../src/report/info/recordInfo.ts';
import type { RecordInfo } from '../../../src/report/info/recordInfo.ts';
import { DEFAULT_INTERVALS, makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';

function build(): RecordInfo {
  const builder = createRecordInfoBuilder();
  const goal = { accessBp: 400, aggrs: 3, minSampleIntervalUs: 5_000, maxSampleIntervalUs: 1e7 };
  const known = makeStream({
    kdamond: '0',
    contextIndex: 0,
    targetName: 'redis-server',
    intervals: { ...DEFAULT_INTERVALS, goal },
  });
  const bare = makeStream({ targetId: undefined, intervals: undefined });
  builder.add(makeSnapshot(known, [1_000_000_000n, 1_100_000_000n], [[0x1000n, 0x3000n, 1, 2]]));
  builder.add(
    makeSnapshot(
      known,
      [1_100_000_000n, 1_200_000_000n],
      [
        [0x1000n, 0x3000n, 1, 2],
        [0x7000n, 0x8000n, 1, 2],
      ],
    ),
  );
  builder.add(makeSnapshot(bare, [2_000_000_000n, 2_100_000_000n], [[0n, 0x1000n, 1]]));
  return builder.finish({
    format: 'json',
    clockBase: { recordNs: 500_000_000n, wallMs: Date.UTC(2026, 0, 2, 3, 4, 5) },
    damages: [{ byteOffset: 7, message: 'bad' }],
  });
}

test('record-info tells targets, intervals, time and ranges', () => {
  expect(formatRecordInfo(build())).toBe(`format: json
began: 2026-01-02T03:04:05.500Z
targets: 2
damages: 1

target_id: 0 (redis-server)
origin: kdamond 0, context 0
intervals: sample 5 ms, aggr 100 ms, update 1 s; tuned for 4 % accesses per 3 aggregations, sampling every 5 ms to 10 s
time: 1000000000-1200000000 (200 ms)
snapshots: 2
regions: 3 (1.5 per snapshot, 1 to 2), with ages
monitored: 12.000 KiB in 2 ranges
  0x1000-0x3000 (8.000 KiB)
  0x7000-0x8000 (4.000 KiB)

target_id: None
origin: not recorded
intervals: not recorded
time: 2000000000-2100000000 (100 ms)
snapshots: 1
regions: 1 (1.0 per snapshot, 1 to 1), without ages
monitored: 4.000 KiB in 1 range
  0x0-0x1000 (4.000 KiB)
`);
});

test('record-info as JSON has decimal text for 64-bit values', () => {
  expect(JSON.parse(formatRecordInfoJson(build()))).toMatchObject({
    format: 'json',
    began: '2026-01-02T03:04:05.500Z',
    damages: 1,
    targets: [
      {
        target_id: '0',
        start_ns: '1000000000',
        snapshots: 2,
        regions: 3,
        min_regions: 1,
        max_regions: 2,
        has_ages: true,
        monitored_bytes: '12288',
        ranges: [
          { start: '4096', end: '12288' },
          { start: '28672', end: '32768' },
        ],
      },
      { target_id: null, intervals: null, has_ages: false },
    ],
  });
});
