import { FAMILY_GROUPS } from '../../src/metrics/families.ts';
import type { FamilyGroup } from '../../src/metrics/families.ts';
import type { FamilySpec } from '../../src/metrics/metricFamily.ts';
import type { MetricsInput } from '../../src/metrics/metricsInput.ts';
import { INTRODUCTION } from './introduction.ts';
import { LABEL_MEANINGS } from './labelMeanings.ts';

const UNITS: Readonly<Record<string, string>> = {
  By: 'bytes',
  s: 'seconds',
  '1': 'share from 0 to 1',
  'By/s': 'bytes per second',
};

/** What values are in, and of a histogram its bounds; '' for switches and info. */
function formatType({ kind, unit }: Pick<FamilySpec<MetricsInput>, 'kind' | 'unit'>): string {
  if (unit === '') return kind === 'info' ? 'gauge, always 1' : kind;
  if (kind === 'histogram') return `histogram by ${UNITS[unit] ?? unit.replace(/[{}]/g, '')}`;
  return `${kind}, ${UNITS[unit] ?? 'a number'}`;
}

function quote(text: string): string {
  return `\`${text}\``;
}

function formatFamily(family: FamilySpec<MetricsInput>): string {
  const { name, otelName, unit, help, labels, kernelSource, absent, example } = family;
  const facts = [
    formatType(family),
    labels.length === 0 ? 'no labels' : `labels ${labels.map(quote).join(', ')}`,
    `OTLP ${quote(otelName)}${unit === '' ? '' : `, unit ${quote(unit)}`}`,
    ...(kernelSource === undefined ? [] : [`read from ${quote(kernelSource)}`]),
    absent === undefined ? 'always there' : `absent ${absent}`,
  ];
  return `### ${quote(name)}

${help}

${facts.map((fact) => `- ${fact}`).join('\n')}

${example.answers}

\`\`\`promql
${example.query}
\`\`\`
`;
}

function formatGroup({ name, title, families }: FamilyGroup): string {
  return [`## ${title} (${quote(name)})\n`, ...families.map(formatFamily)].join('\n');
}

/** Laid out as `npm run format` would. */
function formatLabels(): string {
  const rows = Object.entries(LABEL_MEANINGS).map(([name, text]) => [quote(name), text] as const);
  const table = [['label', 'says'] as const, ...rows];
  const [first, second] = [0, 1].map((column) =>
    Math.max(...table.map((row) => (row[column] ?? '').length)),
  );
  const lines = table.map(
    ([name, text]) => `| ${name.padEnd(first ?? 0)} | ${text.padEnd(second ?? 0)} |`,
  );
  lines.splice(1, 0, `| ${'-'.repeat(first ?? 0)} | ${'-'.repeat(second ?? 0)} |`);
  return ['## Labels\n', ...lines, ''].join('\n');
}

/** docs/metrics.md. */
export function formatMetricsDoc(): string {
  return [INTRODUCTION, formatLabels(), ...FAMILY_GROUPS.map(formatGroup)].join('\n');
}
