import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatSize } from '../../../src/base/format.ts';
import { AsciiBuffer } from '../../../src/report/asciiBuffer.ts';
import type { RawTextOptions } from '../../../src/report/raw/rawTextOptions.ts';
import { createRegionLines } from '../../../src/report/raw/regionLines.ts';
import { lend, makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';
import type { RegionTuple } from '../../support/recordedSnapshots.ts';

function write(snapshots: readonly (readonly RegionTuple[])[], options: RawTextOptions): string {
  const out = new AsciiBuffer();
  const writeLines = createRegionLines(options);
  const stream = makeStream();
  for (const { regions } of lend(snapshots.map((rows) => makeSnapshot(stream, [0n, 1n], rows)))) {
    writeLines(out, regions);
  }
  return Buffer.from(out.take()).toString('latin1');
}

function formatLine(
  [start, end, nrAccesses, age]: RegionTuple,
  { layout, isRaw }: RawTextOptions,
  hasAges: boolean,
): string {
  const hex = (address: bigint): string => address.toString(16).padStart(12, '0');
  const range = `${hex(start)}-${hex(end)}`;
  const size = formatSize(end - start, isRaw).padStart(12);
  if (layout === 'seed') return `${range}(${size}):\t${nrAccesses}\n`;
  const ageText = String(hasAges ? (age ?? 0) : -1).padStart(5);
  return `${range} (${size}) ${String(nrAccesses).padStart(11)} ${ageText}\n`;
}

function formatAll(
  snapshots: readonly (readonly RegionTuple[])[],
  options: RawTextOptions,
): string {
  return snapshots
    .flatMap((rows) => {
      const hasAges = rows.some(([, , , age]) => age !== undefined);
      return rows.map((row) => formatLine(row, options, hasAges));
    })
    .join('');
}

/** Few, so that most come again; of 12 digits and of more. */
const bounds = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.nat({ max: 6 }).map((page) => 0x7f00_0000_0000n + BigInt(page) * 4096n),
  },
  { weight: 1, arbitrary: fc.nat({ max: 2 }).map((page) => 0xffff_8880_0000_0000n + BigInt(page)) },
  { weight: 1, arbitrary: fc.bigInt(0n, 2n ** 64n - 1n) },
);
const counts = fc.oneof(fc.nat({ max: 101 }), fc.nat({ max: 0xffff_ffff }));
const region = fc
  .tuple(bounds, bounds, fc.oneof(fc.tuple(counts), fc.tuple(counts, counts)))
  .map(([one, other, rest]): RegionTuple => [
    one < other ? one : other,
    one < other ? other : one,
    ...rest,
  ]);

test('each region is a line, whatever was written before', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(region, { maxLength: 12 }), { maxLength: 12 }),
      fc.constantFrom('seed' as const, 'table' as const),
      fc.boolean(),
      (snapshots, layout, isRaw) => {
        const options = { layout, isRaw };
        expect(write(snapshots, options)).toBe(formatAll(snapshots, options));
      },
    ),
    { numRuns: 1000 },
  );
});

test('regions may be more than texts are kept of', () => {
  const rows = Array.from({ length: 20_000 }, (_, index): RegionTuple => [
    BigInt(index) * 4096n,
    BigInt(index + 1) * 4096n,
    index % 21,
  ]);
  const options = { layout: 'seed', isRaw: false } as const;
  expect(write([rows, rows], options)).toBe(formatAll([rows, rows], options));
});
