import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSize } from '../../src/base/format.ts';
import { AsciiBuffer } from '../../src/report/asciiBuffer.ts';

const halves = (value: bigint): [number, number] => [
  Number(value >> 32n),
  Number(value & 0xffff_ffffn),
];

function write(action: (out: AsciiBuffer) => void): string {
  const out = new AsciiBuffer();
  action(out);
  return Buffer.from(out.take()).toString('latin1');
}

/** Sizes near unit borders, where rounding and the choice of the unit go wrong. */
const sizes = fc.oneof(
  fc.bigInt(0n, 2n ** 64n - 1n),
  fc.bigInt(0n, 2n ** 30n).map((pages) => pages * 4096n),
  fc
    .tuple(fc.integer({ min: 0, max: 63 }), fc.integer({ min: -3, max: 3 }))
    .map(([shift, delta]) => {
      const value = (1n << BigInt(shift)) + BigInt(delta);
      return value < 0n ? 0n : value;
    }),
);

test('writes any size as formatSize does, in 12 columns', () => {
  fc.assert(
    fc.property(sizes, fc.boolean(), (size, isRaw) => {
      const text = write((out) => {
        out.size12(...halves(size), isRaw);
      });
      expect(text).toBe(formatSize(size, isRaw).padStart(12));
    }),
    { numRuns: 2000 },
  );
});

test('takes the size from a start and an end whose low halves wrap', () => {
  const [startHigh, startLow] = halves(0x1_ffff_f000n);
  const [endHigh, endLow] = halves(0x2_0000_1000n);
  const text = write((out) => {
    out.size12(endHigh - startHigh, endLow - startLow, false);
  });
  expect(text).toBe('   8.000 KiB');
});

test('writes addresses with at least 12 hexadecimal digits', () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 2n ** 64n - 1n), (addr) => {
      const text = write((out) => {
        out.hex12(...halves(addr));
      });
      expect(text).toBe(addr.toString(16).padStart(12, '0'));
    }),
  );
});

test('writes whole numbers, padded', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(20), (value, width) => {
      const text = write((out) => {
        out.decimal(value, width);
      });
      expect(text).toBe(String(value).padStart(width));
    }),
  );
});

test('grows with what is written, and begins anew when that was taken', () => {
  const out = new AsciiBuffer();
  for (let line = 0; line < 10_000; line++) out.text('twenty characters..\n');
  expect(out.isFull).toBe(true);
  expect(out.take()).toHaveLength(200_000);
  expect(out.isFull).toBe(false);
  expect(out.take()).toHaveLength(0);
});
