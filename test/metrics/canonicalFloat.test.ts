import { expect, test } from 'vitest';
import { formatCanonicalFloat } from '../../src/metrics/canonicalFloat.ts';

// As Go's strconv.FormatFloat(value, 'g', -1, 64) and client_golang print them.
test.each([
  [0, '0.0'],
  [1, '1.0'],
  [-1, '-1.0'],
  [0.05, '0.05'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [86_400, '86400.0'],
  [999_999, '999999.0'],
  [1_000_000, '1e+06'],
  [2 ** 20, '1.048576e+06'],
  [2 ** 42, '4.398046511104e+12'],
  [1e100, '1e+100'],
  [5e-324, '5e-324'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('%s is %s', (value, text) => {
  expect(formatCanonicalFloat(value)).toBe(text);
});
