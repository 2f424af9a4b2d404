import { describe, expect, test } from 'vitest';
import { translateOneLineSchemes } from '../../../src/config/damo/oneLineSchemes.ts';
import { parseDamoSchemes } from '../../../src/config/damo/parseDamoKdamonds.ts';

const USUAL = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 };

function translate(text: string): Record<string, unknown>[] {
  return JSON.parse(translateOneLineSchemes(text, 'it')) as Record<string, unknown>[];
}

const PATTERN = {
  sz_bytes: { min: '2.000 MiB', max: 'max' },
  nr_accesses: { min: '90 %', max: '100 %' },
  age: { min: '100 ms', max: 'max' },
};
const NO_QUOTAS = {
  time_ms: '0 ns',
  sz_bytes: '0 B',
  reset_interval_ms: 'max',
  weights: { sz_permil: '0 %', nr_accesses_permil: '0 %', age_permil: '0 %' },
};
const NO_WATERMARKS = { metric: 'none', interval_us: '0 ns', high_permil: '0 %' };
const WEIGHTS = { sz_permil: '0 %', nr_accesses_permil: '3', age_permil: '7' };
const WATERMARKS = {
  metric: 'free_mem_rate',
  interval_us: '5 s',
  high_permil: '50 %',
  mid_permil: '40 %',
  low_permil: '20 %',
};

describe('each number of fields', () => {
  const line = '2M max 90 100 100ms max hugepage';
  test.each([
    [7, line, { quotas: NO_QUOTAS, watermarks: NO_WATERMARKS, filters: [] }],
    [
      9,
      `${line} 1G 1s`,
      { quotas: { ...NO_QUOTAS, sz_bytes: '1024.000 MiB', reset_interval_ms: '1 s' } },
    ],
    [12, `${line} 1G 1000 0 3 7`, { quotas: { reset_interval_ms: '1 s', weights: WEIGHTS } }],
    [
      17,
      `${line} 1G 1s 0 3 7 free_mem_rate 5s 500 400 200`,
      { quotas: { time_ms: '0 ns', weights: WEIGHTS }, watermarks: WATERMARKS },
    ],
    [
      18,
      `${line} 50ms 1G 1s 0 3 7 free_mem_rate 5000000 50% 40% 20%`,
      { quotas: { time_ms: '50 ms', weights: WEIGHTS }, watermarks: WATERMARKS },
    ],
  ])('%d', (nrFields, text, scheme) => {
    expect(text.split(' ')).toHaveLength(nrFields);
    expect(translate(text)).toMatchObject([
      { action: 'hugepage', access_pattern: PATTERN, ...scheme },
    ]);
  });
});

test('comments, blank lines and tabs are passed over', () => {
  const text =
    '# cold memory\n\n\t4K  max\t0 0 2m max cold # at once\r\n   #\n0 max 5.25 max 0 max stat';
  expect(translate(text)).toMatchObject([
    { action: 'cold', access_pattern: { age: { min: '2 m', max: 'max' } } },
    { action: 'stat', access_pattern: { nr_accesses: { min: '5.25 %', max: 'max' } } },
  ]);
  expect(translate('# nothing')).toEqual([]);
});

test('what comes out is a list of schemes that is read', () => {
  const text = translateOneLineSchemes('4K max 0 5 2m max pageout 128M 1s', 'it');
  expect(parseDamoSchemes(text, 'it', USUAL)).toMatchObject([
    {
      action: 'pageout',
      accessPattern: { nrAccesses: { min: 0n, max: 1n }, ageIntervals: { min: 1200n } },
      quotas: { sizeBytes: 128n << 20n, resetIntervalMs: 1000n },
    },
  ]);
});

test('every wrong field is told with its line', () => {
  const text = [
    '# schemes',
    '2M max 90 100 100ms max hugpage',
    '4K 2K 0 101 1x 2 cold 10M foo',
    '3 4 5',
    '2M max 90% 80% 5 3 swap',
  ].join('\n');
  expect(() => translateOneLineSchemes(text, 'old.txt')).toThrow(
    expect.objectContaining({
      code: 'config',
      message: [
        '9 problems',
        'old.txt:2:25: field 7 (action): found "hugpage", did you mean "hugepage"?',
        'old.txt:3:4: field 2 (max_sz): found "2K", it is less than the minimum',
        'old.txt:3:9: field 4 (max_freq): found "101", expected 0 to 100 percent, or "max"',
        'old.txt:3:13: field 5 (min_age): found "1x", expected a time such as "100000", "100ms", "1.5 s", "1h 30m", "min", "max"',
        'old.txt:3:27: field 9 (quota_reset_ms): found "foo", expected a time such as "100000", "100ms", "1.5 s", "1h 30m", "min", "max"',
        'old.txt:4:1: found 3 fields, expected 7, 9, 12, 17 or 18',
        'old.txt:5:12: field 4 (max_freq): found "80%", it is less than the minimum',
        'old.txt:5:18: field 6 (max_age): found "3", it is less than the minimum',
        'old.txt:5:20: field 7 (action): found "swap", expected willneed, cold, pageout, hugepage, nohugepage, collapse, lru_prio, lru_deprio, stat',
      ].join('\n'),
    }),
  );
});

test('a line has no place for where to migrate to', () => {
  expect(() => translateOneLineSchemes('0 max 0 max 0 max migrate_hot', 'it')).toThrow(
    /it:1:19: field 7 \(action\): found "migrate_hot", expected willneed/,
  );
});
