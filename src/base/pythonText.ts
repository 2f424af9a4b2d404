/**
 * A float as Python prints it: `0.0`, `20.0`, `1e-05`, `1e+16`, `nan`. The digits are those of
 * JavaScript (both print the fewest that read back the same); where the exponent begins, and its two
 * digits, differ.
 */
export function formatPythonFloat(value: number): string {
  if (Number.isInteger(value)) {
    if (Math.abs(value) < 1e16) return Object.is(value, -0) ? '-0.0' : `${value}.0`;
  } else if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  } else if (Math.abs(value) >= 1e-4) {
    // Not whole, so below 2^53 and without an exponent in both languages.
    return String(value);
  }
  const [mantissa = '', exponent = ''] = value.toExponential().split('e');
  const sign = exponent.startsWith('-') ? '-' : '+';
  return `${mantissa}e${sign}${exponent.slice(1).padStart(2, '0')}`;
}
