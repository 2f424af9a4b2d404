import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { computeCrc32c } from '../../../src/record/own/crc32c.ts';
import { writeBlockHead } from '../../../src/record/own/frame.ts';
import {
  BLOCK_HEADER,
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  FILE_HEADER_BYTES,
} from '../../../src/record/own/layout.ts';
import { createMemoryRecordFs } from '../../support/memoryRecordFs.ts';
import { toComparable } from '../../support/recordBuilders.ts';
import { GROUPS, groupsOf, readRecord, writeBlocks } from '../../support/recordFiles.ts';

const fs = createMemoryRecordFs();

async function makeWhole(isClosed: boolean): Promise<Buffer> {
  fs.files.clear();
  await writeBlocks('/whole', GROUPS, { isClosed, fs });
  return fs.files.get('/whole')!.bytes;
}

async function readBytes(bytes: Buffer, isLentToo = true) {
  fs.files.set('/damaged', { bytes, modifiedMs: 0 });
  return readRecord('/damaged', fs, isLentToo);
}

describe('a damaged file', () => {
  test.each([[true], [false]])(
    'gives all whole blocks wherever it was cut (closed: %s)',
    async (isClosed) => {
      const whole = await makeWhole(isClosed);
      const all = GROUPS.flat().map(toComparable);
      let lastCount = 0;
      for (let length = 0; length < whole.length; length += 1) {
        const bytes = whole.subarray(0, length);
        const { snapshots, damages } = await readBytes(bytes, length % 16 === 0);
        expect(snapshots.map(toComparable)).toEqual(all.slice(0, snapshots.length));
        expect([0, 3]).toContain(snapshots.length - lastCount);
        lastCount = snapshots.length;
        for (const { byteOffset } of damages) expect(byteOffset).toBeLessThanOrEqual(length);
      }
      expect(lastCount).toBe(isClosed ? 12 : 9);
    },
  );

  test.each([[true], [false]])(
    'gives all other blocks whichever byte is wrong, and says where (closed: %s)',
    async (isClosed) => {
      const whole = await makeWhole(isClosed);
      for (let at = 0; at < whole.length; at += 1) {
        const bytes = Buffer.from(whole);
        bytes[at]! ^= 1 << (at & 7);
        const { snapshots, damages } = await readBytes(bytes, at % 16 === 0);
        expect(groupsOf(snapshots).length, `byte ${at}`).toBeGreaterThanOrEqual(3);
        expect(damages.length, `byte ${at}`).toBeGreaterThan(0);
        expect(damages[0]!.byteOffset).toBeLessThanOrEqual(at);
      }
    },
  );

  test('is read from the next block on after bytes that are none', async () => {
    const whole = await makeWhole(false);
    const second = whole.indexOf(BLOCK_MAGIC, FILE_HEADER_BYTES + 1);
    const garbage = Buffer.alloc(200_000, BLOCK_MAGIC);
    const { snapshots, damages } = await readBytes(
      Buffer.concat([whole.subarray(0, second), garbage, whole.subarray(second)]),
    );
    expect(groupsOf(snapshots)).toEqual([0, 1, 2, 3]);
    expect(damages).toEqual([
      { byteOffset: second, message: expect.stringContaining('200000 bytes further') as string },
    ]);
  });

  test.each(['storedBytes', 'rawBytes', 'nrSnapshots', 'nrRegions'] as const)(
    'with a block whose %s asks for too much memory is read without it',
    async (field) => {
      const bytes = Buffer.from(await makeWhole(false));
      const begin = FILE_HEADER_BYTES;
      const crcAt = begin + BLOCK_HEADER.headerCrc.offset;
      bytes.writeUInt32LE(0xffff_ffff, begin + BLOCK_HEADER[field].offset);
      bytes.writeUInt32LE(computeCrc32c(bytes, begin, crcAt), crcAt);
      const { snapshots, damages } = await readBytes(bytes);
      expect(groupsOf(snapshots)).toEqual([1, 2, 3]);
      expect(damages).toMatchObject([{ byteOffset: begin }]);
    },
  );

  test('with a block that expands to more than it announces is read without it', async () => {
    const payload = deflateRawSync(Buffer.alloc(30_000_000));
    const block = Buffer.alloc(BLOCK_HEADER_BYTES + payload.length);
    block.set(payload, BLOCK_HEADER_BYTES);
    writeBlockHead(block, {
      kind: 1,
      compression: 1,
      storedBytes: payload.length,
      rawBytes: 1000,
      startNs: 0n,
      endNs: 1n,
      nrSnapshots: 1,
      nrRegions: 1,
      payloadCrc: computeCrc32c(payload),
    });
    const { snapshots, damages } = await readBytes(Buffer.concat([await makeWhole(false), block]));
    expect(groupsOf(snapshots)).toEqual([0, 1, 2, 3]);
    expect(damages[0]!.message).toMatch(/cannot be expanded/);
  });
});

describe('CRC-32C', () => {
  // Source: RFC 3720, B.4.
  test.each([
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e],
    ['31 to 0', Buffer.from(Array.from({ length: 32 }, (_, index) => 31 - index)), 0x113fdb5c],
    ['the check value', Buffer.from('123456789'), 0xe3069283],
    ['nothing', Buffer.alloc(0), 0],
  ])('of %s is what the standard says', (_, bytes, crc) => {
    expect(computeCrc32c(bytes)).toBe(crc);
    const shifted = Buffer.concat([Buffer.from('abc'), bytes, Buffer.from('xyz')]);
    expect(computeCrc32c(shifted, 3, 3 + bytes.length)).toBe(crc);
  });
});
