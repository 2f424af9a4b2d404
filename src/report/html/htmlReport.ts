import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCodeRoot } from '../../base/codeRoot.ts';
import type { HeatmapChart } from '../chart/heatmapAxes.ts';
import { defineHeatmapChart, describeHeatmap } from '../chart/heatmapChart.ts';
import { defineLineChart } from '../chart/lineChart.ts';
import type { LineChart } from '../chart/lineChart.ts';
import { escapeXml, renderSvg } from '../picture/renderSvg.ts';
import type { ChartDefinition } from '../picture/renderSvg.ts';
import { PAGE_THEME, exchangeColors } from './pageTheme.ts';
import { gatherHeatmapPoints, gatherLinePoints } from './pointData.ts';
import type { ChartSize, HeatmapPointData, LinePointData } from './pointData.ts';

export interface ReportTable {
  readonly headings: readonly string[];
  /** The first cell of a row names it; the others are numbers, as text. */
  readonly rows: readonly (readonly string[])[];
}

/** Lines and the numbers behind them. */
export interface LineFigure {
  readonly chart: LineChart;
  readonly unit: LinePointData['unit'];
}

/** All that one page shows. */
export interface HtmlReport {
  readonly recordName: string;
  /** Program and version, for the foot. */
  readonly generator: string;
  /** What the record is: label and value. */
  readonly facts: readonly (readonly [string, string])[];
  readonly targetTable: ReportTable;
  /** What could not be read, or was left out. */
  readonly warnings: readonly string[];
  readonly heatmaps: readonly HeatmapChart[];
  readonly wssFigures: readonly LineFigure[];
  readonly wssTable: ReportTable;
  readonly schemeFigures: readonly LineFigure[];
  /** Undefined: the record has no statistics of schemes. */
  readonly schemeTable: ReportTable | undefined;
}

const HEATMAP_SIZE: ChartSize = { width: 1120, height: 520 };
const LINES_SIZE: ChartSize = { width: 640, height: 380 };

function readPart(name: string): string {
  return readFileSync(join(findCodeRoot(import.meta.dirname), 'report/html', name), 'utf8');
}

/** JSON that can stand in a script element: nothing in it can end that. */
function encodeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}

interface FigureContent {
  readonly define: ChartDefinition;
  readonly title: string;
  readonly size: ChartSize;
  readonly points: HeatmapPointData | LinePointData;
}

async function renderFigure(
  { define, title, size, points }: FigureContent,
  prefix: string,
): Promise<string> {
  const svg = await renderSvg(define, { ...size, theme: PAGE_THEME }, { title, prefix });
  // A title element would come up beside the page's own reading of the point.
  const scalable = svg
    .replace(/ width="\d+" height="\d+"/, '')
    .replace(/<title>.*?<\/title>/, '')
    .replace(' role="img"', ` role="img" aria-label="${escapeXml(title)}"`);
  return (
    `<figure data-kind="${points.kind}">${exchangeColors(scalable)}` +
    `<script type="application/json">${encodeJson(points)}</script></figure>`
  );
}

function describeHeatmapFigure(chart: HeatmapChart): FigureContent {
  return {
    define: (context) => defineHeatmapChart(chart, context),
    title: describeHeatmap(chart).title,
    size: HEATMAP_SIZE,
    points: gatherHeatmapPoints(chart, HEATMAP_SIZE),
  };
}

function describeLineFigure({ chart, unit }: LineFigure): FigureContent {
  return {
    define: (context) => defineLineChart(chart, context),
    title: chart.title,
    size: LINES_SIZE,
    points: gatherLinePoints(chart, LINES_SIZE, unit),
  };
}

/** One after the other: two drawings at once are no faster. */
async function renderFigures(figures: readonly FigureContent[], prefix: string): Promise<string> {
  const drawn: string[] = [];
  for (const [index, figure] of figures.entries()) {
    drawn.push(await renderFigure(figure, `${prefix}${index}-`));
  }
  return drawn.join('\n');
}

function renderTable({ headings, rows }: ReportTable): string {
  const head = headings.map((text) => `<th scope="col">${escapeXml(text)}</th>`).join('');
  const body = rows.map(([name = '', ...cells]) => {
    const numbers = cells.map((text) => `<td>${escapeXml(text)}</td>`).join('');
    return `<tr><th scope="row">${escapeXml(name)}</th>${numbers}</tr>`;
  });
  return (
    `<div class="scroll"><table><thead><tr>${head}</tr></thead>\n` +
    `<tbody>${body.join('\n')}</tbody></table></div>`
  );
}

function renderFacts(facts: HtmlReport['facts']): string {
  const items = facts.map(
    ([label, value]) =>
      `<div><dt>${escapeXml(label)}</dt><dd>${escapeXml(value).replaceAll('\n', '<br>')}</dd></div>`,
  );
  return `<dl>${items.join('\n')}</dl>`;
}

function renderWarnings(warnings: readonly string[]): string {
  return warnings.map((text) => `<p class="warning">${escapeXml(text)}</p>`).join('\n');
}

async function renderMain(report: HtmlReport): Promise<string> {
  const heatmaps = report.heatmaps.map(describeHeatmapFigure);
  const wss = report.wssFigures.map(describeLineFigure);
  const schemes = report.schemeFigures.map(describeLineFigure);
  const { schemeTable } = report;
  return [
    `<section><h2>Record</h2>${renderFacts(report.facts)}${renderTable(report.targetTable)}</section>`,
    `<section><h2>Heat</h2>${await renderFigures(heatmaps, 'h')}</section>`,
    `<section><h2>Working set size</h2><div class="pair">${await renderFigures(wss, 'w')}</div>`,
    `${renderTable(report.wssTable)}</section>`,
    `<section><h2>Schemes</h2>`,
    schemeTable
      ? `${renderTable(schemeTable)}<div class="pair">${await renderFigures(schemes, 's')}</div>`
      : '<p class="quiet">The record holds no statistics of schemes.</p>',
    '</section>',
  ].join('\n');
}

/**
 * One page with everything in it: it opens from a disk without a network, loads nothing, and its
 * policy lets only its own script run.
 */
export async function renderHtmlReport(report: HtmlReport): Promise<string> {
  const style = readPart('page.css');
  const script = readPart('page.js');
  const hash = createHash('sha256').update(script).digest('base64');
  const policy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`;
  const name = escapeXml(report.recordName);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${name}: memory accesses</title>
<style>${style}</style>
</head>
<body>
<header><h1>Memory accesses in ${name}</h1>
${renderWarnings(report.warnings)}</header>
<main>
${await renderMain(report)}
</main>
<footer>${escapeXml(report.generator)}</footer>
<div id="reading" role="status" hidden></div>
<script>${script}</script>
</body>
</html>
`;
}
