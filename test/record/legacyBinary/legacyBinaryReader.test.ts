import { describe, expect, test } from 'vitest';
import { looksLikeVersion0 } from '../../../src/record/legacyBinary/binaryVersion.ts';
import type { BinaryVersion } from '../../../src/record/legacyBinary/binaryVersion.ts';
import { createLegacyBinaryReader } from '../../../src/record/legacyBinary/legacyBinaryReader.ts';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import { buildBinaryRecord } from '../../support/binaryRecord.ts';
import type { BinarySnapshot } from '../../support/binaryRecord.ts';
import { createMemorySource } from '../../support/memorySource.ts';
import type { ReadRecord } from '../../support/records.ts';

async function readBytes(
  bytes: Uint8Array,
  version: BinaryVersion,
  sizes?: readonly number[],
): Promise<ReadRecord> {
  const reader = createLegacyBinaryReader('record', createMemorySource(bytes, sizes), version);
  const snapshots: RecordedSnapshot[] = [];
  for await (const batch of reader.readSnapshots()) snapshots.push(...batch);
  return { format: reader.format, snapshots, damages: reader.damages };
}

const TARGET = 7n;
const snapshot = (nanoseconds: number, samples: number): BinarySnapshot => ({
  seconds: 5,
  nanoseconds,
  tasks: [
    {
      targetId: TARGET,
      regions: [
        [4096n, 8192n, samples],
        [2n ** 64n - 8192n, 2n ** 64n - 1n, 0],
      ],
    },
    { targetId: 9n, regions: [] },
  ],
});
const SNAPSHOTS = [snapshot(100, 1), snapshot(300, 2), snapshot(700, 3)];

describe.each([0, 1, 2] as const)('version %d', (version) => {
  const bytes = buildBinaryRecord(version, SNAPSHOTS);

  test.each([[undefined], [[1]], [[7, 100]]])('is read in pieces of %j', async (sizes) => {
    const { snapshots, damages } = await readBytes(bytes, version, sizes);
    expect(damages).toEqual([]);
    const first = snapshots.filter(({ stream }) => stream.targetId === '7');
    // The first took the mean of the others: 300 ns.
    expect(first.map(({ startNs, endNs }) => [startNs, endNs])).toEqual([
      [4_999_999_800n, 5_000_000_100n],
      [5_000_000_100n, 5_000_000_300n],
      [5_000_000_300n, 5_000_000_700n],
    ]);
    expect(first.map(({ regions }) => [...regions.nrAccesses])).toEqual([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    expect([...first[0]!.regions.startAddr]).toEqual([4096n, 2n ** 64n - 8192n]);
    expect([...first[0]!.regions.endAddr]).toEqual([8192n, 2n ** 64n - 1n]);
    expect(first[0]!.regions.hasAges).toBe(false);
    expect(snapshots).toHaveLength(6);
  });

  test('cut off anywhere, it gives the whole snapshots before that', async () => {
    const header = version === 0 ? 0 : 20;
    const each = (bytes.length - header) / 3;
    for (let length = header + each; length < bytes.length; length += 1) {
      const { snapshots, damages } = await readBytes(bytes.subarray(0, length), version);
      const nrWhole = Math.floor((length - header) / each);
      expect(snapshots).toHaveLength(2 * nrWhole);
      // Less than a time left over is what the old readers ignored, too.
      const isClean = length - header - nrWhole * each < 16;
      expect(damages.map(({ byteOffset }) => byteOffset)).toEqual(
        isClean ? [] : [header + nrWhole * each],
      );
    }
  });
});

test('targets are kernel pointers in version 2, and process ids in version 1', async () => {
  const [pointer, pid] = [18446623440000000123n, -1n];
  const regions = [[4096n, 8192n, 0]] as const;
  const build = (version: 1 | 2, targetId: bigint): Buffer =>
    buildBinaryRecord(version, [{ seconds: 1, nanoseconds: 1, tasks: [{ targetId, regions }] }]);
  const read = await readBytes(build(2, pointer), 2);
  expect(read.snapshots[0]!.stream.targetId).toBe('18446623440000000123');
  expect((await readBytes(build(1, pid), 1)).snapshots[0]!.stream.targetId).toBe('-1');
});

describe('what makes no sense ends the reading, and says where', () => {
  const [first, second] = SNAPSHOTS as [BinarySnapshot, BinarySnapshot];
  const broken = (change: (bytes: Buffer, at: number) => void): Buffer => {
    const bytes = buildBinaryRecord(0, [first, second, second]);
    change(bytes, bytes.length / 3);
    return bytes;
  };

  test.each([
    [
      'too many regions',
      (bytes: Buffer, at: number) => bytes.writeUInt32LE(0xffff_ffff, at + 28),
      /announces 4294967295 regions/,
    ],
    [
      'too many targets',
      (bytes: Buffer, at: number) => bytes.writeUInt32LE(0xffff_ffff, at + 16),
      /announces 4294967295 targets/,
    ],
    [
      'no nanoseconds',
      (bytes: Buffer, at: number) => bytes.writeUInt32LE(1_000_000_000, at + 8),
      /expected a time/,
    ],
    [
      'a time 292 years from any',
      (bytes: Buffer, at: number) => bytes.writeBigUInt64LE(9_223_372_036n, at),
      /expected a time/,
    ],
    [
      'an earlier time',
      (bytes: Buffer, at: number) => bytes.writeUInt32LE(1, at),
      /earlier than the one before/,
    ],
    [
      'an empty region',
      (bytes: Buffer, at: number) => bytes.writeUInt32LE(4096, at + 40),
      /region 0 is empty/,
    ],
    [
      'more regions than there are bytes',
      (bytes: Buffer, at: number) => bytes.writeUInt32LE(4_000_000, at + 28),
      /ends in the middle|is empty/,
    ],
  ])('%s', async (_what, change, message) => {
    const bytes = broken(change);
    const { snapshots, damages } = await readBytes(bytes, 0);
    expect(snapshots).toHaveLength(2);
    expect(damages).toHaveLength(1);
    expect(damages[0]!.byteOffset).toBe(bytes.length / 3);
    expect(damages[0]!.message).toMatch(message);
  });

  test('nothing at all that could be read is an error', async () => {
    const bytes = buildBinaryRecord(0, [first]).subarray(0, 50);
    await expect(readBytes(bytes, 0)).rejects.toThrow(
      /read record at byte 0: .*ends in the middle/,
    );
  });
});

describe('a file without a header', () => {
  const bytes = buildBinaryRecord(0, SNAPSHOTS);

  test('is told by its first snapshot', () => {
    expect(looksLikeVersion0(bytes, true)).toBe(true);
    expect(looksLikeVersion0(bytes.subarray(0, 60), false)).toBe(true);
  });

  test.each([
    ['a time beyond any', 7, 0xff],
    ['nanoseconds beyond a second', 12, 1],
    ['no targets', 16, 0],
    ['millions of targets', 18, 0x10],
    ['millions of regions', 30, 0x10],
    ['a region that ends before it starts', 39, 0xff],
  ])('%s is none', (_what, at, byte) => {
    const changed = Buffer.from(bytes);
    changed[at] = byte;
    expect(looksLikeVersion0(changed, true)).toBe(false);
  });
});
