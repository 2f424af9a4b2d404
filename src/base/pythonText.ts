/**
 * A float as Python prints it: `0.0`, `20.0`, `1e-05`, `1e+16`, `nan`. The digits are those of
 * JavaScript (both print the fewest that read back the same); where the exponent begins, and its two
 * digits, differ.
 */
export function formatPythonFloat(value: number): string {
  const size = Math.abs(value);
  // Most values are neither whole nor tiny: below 2^53, and without an exponent in both languages.
  if (size >= 1e-4 && size < 2 ** 53 && Math.trunc(value) !== value) return String(value);
  if (Number.isInteger(value)) {
    if (size < 1e16) return Object.is(value, -0) ? '-0.0' : `${value}.0`;
  } else if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  }
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${mantissa}e${sign}${exponent.slice(1).padStart(2, '0')}`;
}
