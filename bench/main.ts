import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { benchOwnRecord } from './ownRecord.ts';
import { benchRegionEvents } from './regionEvents.ts';
import { benchReports } from './reports.ts';
import { benchStartup } from './startup.ts';
import { benchScrape } from './scrape.ts';
import type { Bench, BenchRow } from './support/benchRow.ts';
import { benchTriedRegions } from './triedRegions.ts';

/** Each bench is a file; a new one is a line here. */
const BENCHES: Readonly<Record<string, Bench>> = {
  regionEvents: benchRegionEvents,
  triedRegions: benchTriedRegions,
  ownRecord: benchOwnRecord,
  startup: benchStartup,
  scrape: benchScrape,
  reports: benchReports,
};

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

function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { large: { type: 'boolean', default: false } },
});
const unknown = positionals.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `no bench: ${unknown.join(', ')}; found ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}
const processors = cpus();
process.stdout.write(
  `${processors[0]?.model.trim() ?? 'unknown CPU'}, ${processors.length} cores, ` +
    `node ${process.versions.node}, Linux ${release()}; medians; of records and whole processes the best\n\n`,
);
const rows: BenchRow[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  rows.push(...(await bench({ isLarge: values.large })));
}
process.stdout.write(`${formatTable([HEADER, ...rows.map(toCells)])}\n`);
