import type { BenchRow } from './benchRow.ts';

const HEADER = ['what', 'figure', 'unit', 'held against', 'its figure', 'ratio', 'goal', 'ok?'];

function formatFigure(figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3);
}

/** The peer's time by ours, or ours by the peer's figure. */
function formatRatio({ figure, peer, isTime = false }: BenchRow): string {
  if (figure === undefined || peer === undefined) return '';
  if (isTime) return `${formatFigure(peer.figure / figure)}x faster`;
  return (figure / peer.figure).toFixed(2);
}

function formatVerdict(isMet: boolean): string {
  return isMet ? 'yes' : 'MISSED';
}

/** The goal, and whether it is met where that was measured. */
function judge({ figure, peer, goal, timesFaster }: BenchRow): readonly [string, string] {
  if (timesFaster !== undefined) {
    const isKnown = figure !== undefined && peer !== undefined;
    const verdict = isKnown ? formatVerdict(peer.figure / figure >= timesFaster) : '';
    return [`>= ${formatFigure(timesFaster)}x`, verdict];
  }
  if (goal === undefined) return ['', ''];
  return [`<= ${formatFigure(goal)}`, figure === undefined ? '' : formatVerdict(figure <= goal)];
}

function toCells(row: BenchRow): string[] {
  const { name, figure, unit, peer, note } = row;
  return [
    name,
    figure === undefined ? '-' : formatFigure(figure),
    unit,
    peer?.name ?? '',
    peer === undefined ? '' : formatFigure(peer.figure),
    formatRatio(row),
    ...judge(row),
    ...(note === undefined ? [] : [note]),
  ];
}

/** The table as columns of text. */
export function formatTextTable(rows: readonly BenchRow[]): string {
  const lines = [HEADER, ...rows.map(toCells)];
  const widths = HEADER.map((_, column) => Math.max(...lines.map((row) => row[column]!.length)));
  return lines
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The same as a table in Markdown; notes become a column of their own. */
export function formatMarkdownTable(rows: readonly BenchRow[]): string {
  const lines = [[...HEADER, 'note'], ...rows.map(toCells)];
  const width = HEADER.length + 1;
  const format = (cells: readonly string[]): string =>
    `| ${Array.from({ length: width }, (_, at) => (cells[at] ?? '').replaceAll('|', '\\|')).join(' | ')} |`;
  const [head = [], ...body] = lines;
  const rule = `|${' --- |'.repeat(width)}`;
  return [format(head), rule, ...body.map(format)].join('\n');
}
