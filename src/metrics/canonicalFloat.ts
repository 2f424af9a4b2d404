/**
 * A number as OpenMetrics wants it in `le` and `quantile`, so that every exposer writes the same
 * bucket the same way: shortest digits, always with a point or an exponent, the exponent from 10^6
 * and below 10^-4 on with a sign and at least two digits.
 *
 * Source: OpenMetrics 1.0, "Considerations: Canonical Numbers"; what client_golang prints.
 */
export function formatCanonicalFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const [digits = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 6)) {
    const sign = exponent < 0 ? '-' : '+';
    return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = String(value);
  return plain.includes('.') ? plain : `${plain}.0`;
}
