/** A CSV field: quoted where it holds a comma, a quote or a line break; empty for what is unknown. */
export function formatCsvField(value: string | number | bigint | undefined): string {
  if (value === undefined) return '';
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function formatCsvRow(values: readonly (string | number | bigint | undefined)[]): string {
  return `${values.map(formatCsvField).join(',')}\n`;
}
