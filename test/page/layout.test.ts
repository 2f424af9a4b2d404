import { describe, expect, test } from 'vitest';
import { placeAddresses } from '../../src/page/addressTicks.ts';
import { addressAt, countBytes, mapRows, parseLayout, rowOf } from '../../src/page/layout.ts';

/** A heap of 64 rows and a stack of one, 40 TiB apart. */
const FOLDED = parseLayout({
  id: 1,
  ranges: [
    ['555500000000', '555504000000', 64],
    ['7ffd00000000', '7ffd00020000', 1],
  ],
});

describe('rows', () => {
  test.each([
    [0, 0x5555_0000_0000n],
    [1, 0x5555_0010_0000n],
    [63.5, 0x5555_03f8_0000n],
    [64, 0x7ffd_0000_0000n],
    [65, 0x7ffd_0002_0000n],
    [-3, 0x5555_0000_0000n],
    [99, 0x7ffd_0002_0000n],
  ])('%d begins at the address it shows', (row, addr) => {
    expect(addressAt(FOLDED, row)).toBe(addr);
  });

  test.each([
    [0x5555_0000_0000n, 0],
    [0x5555_03ff_ffffn, 63],
    [0x7ffd_0001_0000n, 64],
    [0x5554_ffff_ffffn, undefined],
    [0x6000_0000_0000n, undefined],
    [0x7ffd_0002_0000n, undefined],
  ])('of 0x%s are found, and none between ranges', (addr, row) => {
    expect(rowOf(FOLDED, addr)).toBe(row);
  });

  test('of another layout are those that show the same addresses', () => {
    const grown = parseLayout({ id: 2, ranges: [['555500000000', '555508000000', 4]] });
    expect([...mapRows(grown, FOLDED)]).toEqual([16, 48, -1, -1]);
  });

  test('cover bytes, gaps not counted', () => {
    expect(countBytes(FOLDED)).toBe(0x400_0000 + 0x2_0000);
  });
});

describe('marks of addresses', () => {
  test('stand where ranges begin, and at round addresses in between', () => {
    const ticks = placeAddresses(FOLDED, 8);
    expect(ticks.map(({ label }) => label)).toEqual([
      '0x555500000000',
      '0x555501000000',
      '0x555502000000',
      '0x555503000000',
      '0x7ffd00000000',
    ]);
    expect(ticks.map(({ row }) => row)).toEqual([0, 16, 32, 48, 64]);
  });

  test.each([4, 8, 20, 40])('keep %d rows apart, and the first is always there', (minRows) => {
    const ticks = placeAddresses(FOLDED, minRows);
    const distances = ticks.slice(1).map(({ row }, index) => row - ticks[index]!.row);
    expect(Math.min(Infinity, ...distances)).toBeGreaterThanOrEqual(minRows);
    expect(ticks[0]?.label).toBe('0x555500000000');
  });
});
