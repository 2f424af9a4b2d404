import { cpus, release } from 'node:os';
import type { Bench, BenchRow } from './benchRow.ts';
import { benchOwnRecord } from './ownRecord.ts';
import { benchRegionEvents } from './regionEvents.ts';
import { benchTriedRegions } from './triedRegions.ts';

/** Each bench is a file; a new one (CPU time per scrape, …) is a line here. */
const BENCHES: readonly Bench[] = [benchRegionEvents, benchTriedRegions, benchOwnRecord];

const HEADER = ['what', 'figure', 'unit', 'held against', 'its figure', 'ratio', 'goal', 'ok?'];

function formatFigure(figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : figure.toPrecision(3);
}

function toCells(row: BenchRow): string[] {
  const { name, figure, unit, peer, goal, note } = row;
  const ratio = figure !== undefined && peer !== undefined ? figure / peer.figure : undefined;
  const isOk = figure !== undefined && goal !== undefined ? figure <= goal : undefined;
  return [
    name,
    figure === undefined ? '-' : formatFigure(figure),
    unit,
    peer?.name ?? '',
    peer === undefined ? '' : formatFigure(peer.figure),
    ratio === undefined ? '' : ratio.toFixed(2),
    goal === undefined ? '' : `<= ${formatFigure(goal)}`,
    isOk === undefined ? '' : isOk ? 'yes' : 'MISSED',
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

const processors = cpus();
process.stdout.write(
  `${processors[0]?.model.trim() ?? 'unknown CPU'}, ${processors.length} cores, ` +
    `node ${process.versions.node}, Linux ${release()}; medians\n\n`,
);
const rows: BenchRow[] = [];
for (const bench of BENCHES) rows.push(...(await bench()));
process.stdout.write(`${formatTable([HEADER, ...rows.map(toCells)])}\n`);
