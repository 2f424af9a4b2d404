import { expect, test } from 'vitest';
import { formatPythonFloat } from '../../src/base/pythonText.ts';

// Each text is what Python 3.11's repr gives.
test.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [20, '20.0'],
  [0.5, '0.5'],
  [11.801_719_694_162_845, '11.801719694162845'],
  [0.0001, '0.0001'],
  [0.000_01, '1e-05'],
  [0.000_012_5, '1.25e-05'],
  [-0.000_012_5, '-1.25e-05'],
  [1e-7, '1e-07'],
  [5e-324, '5e-324'],
  [9_999_999_999_999_998, '9999999999999998.0'],
  [1e16, '1e+16'],
  [123_456_789_012_345_680, '1.2345678901234568e+17'],
  [1e22, '1e+22'],
  [1.797_693_134_862_315_7e308, '1.7976931348623157e+308'],
  [NaN, 'nan'],
  [Infinity, 'inf'],
  [-Infinity, '-inf'],
])('writes %d as Python does: %s', (value, text) => {
  expect(formatPythonFloat(value)).toBe(text);
});
