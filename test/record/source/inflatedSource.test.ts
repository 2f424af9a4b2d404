import { deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createRandom } from '../../../src/base/random.ts';
import { SourceDamage } from '../../../src/record/source/byteSource.ts';
import { createInflatedSource } from '../../../src/record/source/inflatedSource.ts';
import type { Compression } from '../../../src/record/source/inflatedSource.ts';
import { createMemorySource } from '../../support/memorySource.ts';

const random = createRandom(1);
/** Compressible, but not to nothing. */
const TEXT = Buffer.from(
  Array.from({ length: 40_000 }, () => `region ${random.below(1000)}\n`).join(''),
);

interface Outcome {
  readonly bytes: Buffer;
  readonly damage: SourceDamage | undefined;
}

async function inflate(
  content: Uint8Array,
  compression: Compression = 'zlib',
  sizes: readonly number[] = [5000, 1, 70_000],
): Promise<Outcome> {
  const pieces: Uint8Array[] = [];
  try {
    const source = createInflatedSource(createMemorySource(content, sizes), compression);
    for await (const piece of source.open()) pieces.push(piece);
  } catch (error) {
    if (!(error instanceof SourceDamage)) throw error;
    return { bytes: Buffer.concat(pieces), damage: error };
  }
  return { bytes: Buffer.concat(pieces), damage: undefined };
}

test.each([
  ['zlib', deflateSync(TEXT)],
  ['zlib', deflateSync(TEXT, { level: 0 })],
  ['zlib', Buffer.concat([deflateSync(TEXT), Buffer.alloc(200_000, 7)])],
  ['gzip', gzipSync(TEXT)],
] as const)('%s is what it was', async (compression, content) => {
  const { bytes, damage } = await inflate(content, compression);
  expect(damage).toBeUndefined();
  expect(bytes.equals(TEXT)).toBe(true);
});

test('members of gzip one after the other are one', async () => {
  const { bytes } = await inflate(Buffer.concat([gzipSync(TEXT), gzipSync(TEXT)]), 'gzip');
  expect(bytes.equals(Buffer.concat([TEXT, TEXT]))).toBe(true);
});

test('a stream that is cut off gives all that can be made of it', async () => {
  const whole = deflateSync(TEXT);
  const content = whole.subarray(0, whole.length / 2);
  const { bytes, damage } = await inflate(content);
  expect(damage).toMatchObject({
    byteOffset: content.length,
    message: 'the zlib stream ends in the middle',
  });
  expect(bytes.equals(TEXT.subarray(0, bytes.length))).toBe(true);
  expect(bytes.length).toBeGreaterThan(TEXT.length * 0.45);
});

test('a check that does not match is damage at the end, behind all of the bytes', async () => {
  const content = Buffer.from(deflateSync(TEXT));
  content[content.length - 1]! ^= 1;
  const { bytes, damage } = await inflate(content);
  expect(bytes.equals(TEXT)).toBe(true);
  expect(damage?.byteOffset).toBe(content.length - 1);
  expect(damage?.message).toMatch(/damaged \(incorrect data check\)/);
});

test('a code that does not exist is damage, and nothing before it is lost', async () => {
  // Two stored blocks; the second header names a type of block that does not exist.
  const first = Buffer.alloc(60_000, 'a');
  const content = Buffer.concat([
    Buffer.from([0x78, 0x01, 0x00, 0x60, 0xea, 0x9f, 0x15]),
    first,
    Buffer.from([0x07, 0, 0, 0]),
  ]);
  const { bytes, damage } = await inflate(content);
  expect(damage?.message).toMatch(/invalid block type/);
  expect(damage?.byteOffset).toBe(7 + first.length);
  expect(bytes.equals(first)).toBe(true);
});

test('a consumer that stops early leaves nothing running', async () => {
  const source = createInflatedSource(createMemorySource(deflateSync(TEXT), [100]), 'zlib');
  for await (const piece of source.open()) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
});

test('an error of the source is not taken for damage', async () => {
  const source = {
    offsetsIn: undefined,
    open: (): AsyncIterable<Uint8Array> => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('the disk is gone')),
      }),
    }),
  };
  const pieces = createInflatedSource(source, 'zlib').open()[Symbol.asyncIterator]();
  await expect(pieces.next()).rejects.toThrow('the disk is gone');
});

test('a bomb is given piece by piece', async () => {
  const bomb = deflateSync(Buffer.alloc(256 << 20));
  const source = createInflatedSource(createMemorySource(bomb), 'zlib');
  let total = 0;
  let largest = 0;
  for await (const piece of source.open()) {
    total += piece.length;
    largest = Math.max(largest, piece.length);
  }
  expect(total).toBe(256 << 20);
  expect(largest).toBeLessThanOrEqual(1 << 20);
});
