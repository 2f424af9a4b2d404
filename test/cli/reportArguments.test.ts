import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/base/errors.ts';
import {
  checkExclusive,
  parseAddress,
  parsePercentiles,
  parseSelection,
  parseWhole,
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
  const exclude = { exclude_samples: '20' };
  expect(parsePercentiles({ range: ['0', '101', '50'], ...exclude })).toEqual([0, 50, 100]);
  for (const range of ['0 101 0', '0 201 100', '-1 5 1', '0 x 1', '0 9 0.5']) {
    expect(() => parsePercentiles({ range: range.split(' '), ...exclude })).toThrow(UsageError);
  }
});

test.each(['', 'x', '-1', '0.5', '1e3', '0x10', '99999999999999999999'])(
  'a count of %j is refused with the option named',
  (text) => {
    expect(() => parseWhole('--exclude_samples', text)).toThrow(
      `--exclude_samples: found "${text}", expected a whole number of at least 0`,
    );
  },
);

test('a count has the limits that are given', () => {
  expect(parseWhole('--resol', '7', { min: 7, max: 7 })).toBe(7);
  expect(() => parseWhole('--resol', '6', { min: 7, max: 7 })).toThrow(/least 7 and at most 7$/);
  expect(() => parseWhole('--resol', '8', { min: 7, max: 7 })).toThrow(/least 7 and at most 7$/);
});

test('indexes of a stream are counts', () => {
  expect(parseSelection({ ...RECORD, context_idx: '1', scheme_idx: '0' }).streams).toMatchObject({
    contextIndex: 1,
    schemeIndex: 0,
  });
  expect(() => parseSelection({ ...RECORD, context_idx: 'x' })).toThrow(
    /^--context_idx: found "x"/,
  );
});

test('options that exclude each other are named', () => {
  expect(() => {
    checkExclusive({ '--json': true, '--csv': false, '--plot': undefined });
  }).not.toThrow();
  expect(() => {
    checkExclusive({ '--json': true, '--csv': undefined, '--plot': 'wss.png' });
  }).toThrow('--json and --plot exclude each other');
});
