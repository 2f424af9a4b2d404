import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import {
  checkWhole,
  parseAddress,
  parsePercentiles,
  parseSelection,
} from '../../src/cli/report/reportArguments.ts';

const RECORD = { input: './damon.data' };

describe('addresses', () => {
  test.each([
    ['4096', 4096n],
    ['0x563ebaa00000', 0x563e_baa0_0000n],
    ['0xFFFFFFFFFFFFFFFF', 2n ** 64n - 1n],
    ['127.5 TiB', 140_187_732_541_440n],
    ['max', 2n ** 64n - 1n],
  ])('%s is understood', (text, addr) => {
    expect(parseAddress(text)).toBe(addr);
  });

  test.each(['0x', '0x1ffffffffffffffff', '563ebaa00000', '-1'])('%s is refused', (text) => {
    expect(() => parseAddress(text)).toThrow(UsageError);
  });
});

describe('ranges', () => {
  test('are in ns and bytes, or with units', () => {
    const selection = parseSelection({
      ...RECORD,
      tid: '18446623438842320000',
      time_range: ['539914032967', '9 m'],
      address_range: ['0x1000', '2M'],
    });
    expect(selection).toEqual({
      streams: {
        targetId: '18446623438842320000',
        kdamond: undefined,
        contextIndex: undefined,
        schemeIndex: undefined,
      },
      timeRange: { startNs: 539_914_032_967n, endNs: 540_000_000_000n },
      addressRange: { startAddr: 4096n, endAddr: 2_097_152n },
    });
  });

  test.each([
    { time_range: ['5s', '5s'] },
    { time_range: ['6s', '5s'] },
    { time_range: ['now', '5s'] },
    { time_range: ['5s', '-5s'] },
    { address_range: ['8K', '4K'] },
  ])('that are none are refused: %j', (ranges) => {
    expect(() => parseSelection({ ...RECORD, ...ranges })).toThrow(UsageError);
  });
});

test('percentiles are checked before a record is read', () => {
  const exclude = { exclude_samples: 20 };
  expect(parsePercentiles({ range: ['0', '101', '50'], ...exclude })).toEqual([0, 50, 100]);
  for (const range of ['0 101 0', '0 201 100', '-1 5 1', '0 x 1', '0 9 0.5']) {
    expect(() => parsePercentiles({ range: range.split(' '), ...exclude })).toThrow(UsageError);
  }
});

test.each([NaN, -1, 0.5, Infinity])('a count of %d is refused with the option named', (value) => {
  expect(() => checkWhole('--exclude_samples', value, 0)).toThrow(
    /^--exclude_samples: found .*, expected a whole number of at least 0$/,
  );
});
