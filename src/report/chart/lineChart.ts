import type { EChartsOption, LineSeriesOption } from 'echarts';
import { formatSize } from '../../base/format.ts';
import { computeByteTicks } from './axisTicks.ts';
import type { AxisTicks } from './axisTicks.ts';
import type { ChartContext, ChartTheme } from './chartContext.ts';
import {
  FONT_SIZE,
  defineAxis,
  defineFrame,
  defineTitle,
  estimateTextWidth,
  shortenDecimals,
  shortenText,
  widestTick,
} from './chartParts.ts';
import type { ChartTitle, Margins } from './chartParts.ts';

/** Sizes in bytes over something that grows to the right. */
export interface ByteLine {
  readonly label: string;
  /** Ascending, as many as sizes. */
  readonly positions: ArrayLike<number>;
  readonly bytes: ArrayLike<number>;
  /** A size holds until the next position (counters), instead of being one point of a curve. */
  readonly isStepped: boolean;
  readonly isDashed: boolean;
  /** Points to mark, as [position, bytes]. */
  readonly marks: readonly (readonly [number, number])[];
}

export interface LineChart extends ChartTitle {
  readonly lines: readonly ByteLine[];
  readonly linesPerColor: number;
  readonly bytesName: string;
  readonly positionName: string;
  readonly positionSpan: readonly [number, number];
  readonly positionTicks: (nrWanted: number) => AxisTicks;
}

/** More lines than this cannot be told apart, nor their names be read. */
const MAX_LINES = 8;
/** More points than a picture has pixels only make it larger. */
const MAX_COLUMNS = 1000;

/**
 * The line with at most the lowest and the highest point of each of 1000 columns, so that no peak is
 * lost.
 */
export function thinLine({
  positions,
  bytes,
}: Pick<ByteLine, 'positions' | 'bytes'>): [number, number][] {
  const length = Math.min(positions.length, bytes.length);
  const point = (at: number): [number, number] => [positions[at] ?? 0, bytes[at] ?? 0];
  if (length <= 2 * MAX_COLUMNS) return Array.from({ length }, (_, at) => point(at));
  const points: [number, number][] = [];
  for (let column = 0; column < MAX_COLUMNS; column += 1) {
    const first = Math.floor((column * length) / MAX_COLUMNS);
    const end = Math.floor(((column + 1) * length) / MAX_COLUMNS);
    let lowest = first;
    let highest = first;
    for (let at = first; at < end; at += 1) {
      if ((bytes[at] ?? 0) < (bytes[lowest] ?? 0)) lowest = at;
      if ((bytes[at] ?? 0) > (bytes[highest] ?? 0)) highest = at;
    }
    const [before, after] = lowest < highest ? [lowest, highest] : [highest, lowest];
    points.push(point(before));
    if (after !== before) points.push(point(after));
  }
  return points;
}

/** How the sizes at marked points read; undefined where there are too many to be read. */
type MarkLabel = ((bytes: number) => string) | undefined;

/**
 * Curves with marks rise to the right: labels stand above them to the left, where they are not
 * crossed. The first has no room there: it stands below, or inside where the axis is below.
 */
function placeMark(
  [position, bytes]: readonly [number, number],
  { span, top }: Pick<LineStyle, 'span' | 'top'>,
): object {
  if (position !== span[0]) return { position: 'top', align: 'right', offset: [4, 0] };
  const isLow = bytes < top / 8;
  return isLow
    ? { position: 'right', offset: [0, -12] }
    : { position: 'bottom', align: 'left', offset: [4, 0] };
}

interface LineStyle {
  readonly color: string;
  readonly text: string;
  readonly background: string;
  readonly formatMark: MarkLabel;
  readonly span: LineChart['positionSpan'];
  /** Bytes at the upper end. */
  readonly top: number;
}

function defineLine(line: ByteLine, style: LineStyle): LineSeriesOption[] {
  const { color, text, background, formatMark } = style;
  const common = { type: 'line' as const, name: line.label, silent: true, color };
  const label: LineSeriesOption['label'] = {
    show: formatMark !== undefined,
    distance: 7,
    color: text,
    fontSize: FONT_SIZE.tick,
    // A rim keeps a label readable where a line crosses it.
    textBorderColor: background,
    textBorderWidth: 3,
    formatter: ({ value }) => formatMark?.(Number((value as readonly number[])[1])) ?? '',
  };
  return [
    {
      ...common,
      data: thinLine(line),
      showSymbol: false,
      ...(line.isStepped ? { step: 'end' as const } : {}),
      lineStyle: { width: 2, color, type: line.isDashed ? 'dashed' : 'solid' },
      emphasis: { disabled: true },
    },
    {
      ...common,
      data: line.marks.map((mark) => ({ value: [...mark], label: placeMark(mark, style) })),
      symbol: 'circle',
      symbolSize: 7,
      showSymbol: true,
      lineStyle: { width: 0, opacity: 0 },
      itemStyle: { color },
      label,
      emphasis: { disabled: true },
    },
  ];
}

/** Lines that belong together share a colour. */
export function lineColor({ linesPerColor }: LineChart, index: number, theme: ChartTheme): string {
  return theme.lines[Math.floor(index / linesPerColor) % theme.lines.length] ?? theme.text;
}

function highestBytes(lines: readonly ByteLine[]): number {
  let highest = 0;
  for (const { bytes } of lines) {
    for (const size of Array.from(bytes)) highest = Math.max(highest, size);
  }
  return highest;
}

/** Of an entry of the legend; the longest names are cut. */
const MAX_ENTRY_WIDTH = 320;

function defineLegend(lines: readonly ByteLine[], context: ChartContext): EChartsOption['legend'] {
  const width = context.width - 32;
  const room = Math.min(width - 44, MAX_ENTRY_WIDTH);
  return {
    left: 16,
    top: 56,
    width,
    padding: 0,
    itemGap: 16,
    itemWidth: 22,
    icon: 'rect',
    itemHeight: 3,
    selectedMode: false,
    data: lines.map(({ label }) => label),
    formatter: (name) => shortenText(name, FONT_SIZE.tick, room),
    textStyle: { color: context.theme.text, fontSize: FONT_SIZE.tick },
  };
}

/** Rows the legend takes when each entry is as wide as its text. */
function countLegendRows(lines: readonly ByteLine[], width: number): number {
  let rows = 1;
  let used = 0;
  for (const { label } of lines) {
    const entry = Math.min(estimateTextWidth(label, FONT_SIZE.tick), MAX_ENTRY_WIDTH) + 44;
    if (used > 0 && used + entry > width) {
      rows += 1;
      used = 0;
    }
    used += entry;
  }
  return rows;
}

const MAX_MARK_LABELS = 8;

function chooseMarkLabel(lines: readonly ByteLine[]): MarkLabel {
  const [line] = lines;
  const isReadable = lines.length === 1 && (line?.marks.length ?? 0) <= MAX_MARK_LABELS;
  if (!isReadable) return undefined;
  return (bytes) => shortenDecimals(formatSize(BigInt(Math.round(bytes))));
}

/** Where things are in a picture of lines, for drawing and for pointing at it. */
export interface LineLayout {
  readonly margins: Margins;
  /** Those that are drawn. */
  readonly lines: readonly ByteLine[];
  readonly byteTicks: AxisTicks;
  /** Bytes at the upper end. */
  readonly top: number;
}

export function computeLineLayout(
  chart: LineChart,
  { width, height }: Pick<ChartContext, 'width' | 'height'>,
): LineLayout {
  const lines = chart.lines.slice(0, MAX_LINES);
  const highest = highestBytes(lines) * 1.05;
  const nrWanted = Math.max(Math.floor(height / 70), 2);
  const byteTicks = computeByteTicks({ start: 0, end: highest > 0 ? highest : 1, nrWanted });
  const step = (byteTicks.positions[1] ?? 1) - (byteTicks.positions[0] ?? 0);
  const margins: Margins = {
    left: 16 + FONT_SIZE.name + 18 + widestTick(byteTicks),
    right: 40,
    top: lines.length > 1 ? 62 + 22 * countLegendRows(lines, width - 32) : 64,
    bottom: 58,
  };
  return { margins, lines, byteTicks, top: Math.max(highest, step) };
}

/** Lines of sizes from zero up, so that heights can be compared. */
export function defineLineChart(chart: LineChart, context: ChartContext): EChartsOption {
  const { theme, width } = context;
  const { margins, lines, byteTicks, top } = computeLineLayout(chart, context);
  const nrColumns = Math.max(Math.floor((width - margins.left - margins.right) / 90), 5);
  const nrAll = chart.lines.length;
  const hidden = lines.length < nrAll ? ` · first ${lines.length} of ${nrAll} drawn` : '';
  const gridLine = { show: true, lineStyle: { color: theme.gridLine } };
  return {
    ...defineFrame(context),
    title: defineTitle({ ...chart, subtitle: chart.subtitle + hidden }, context),
    ...(lines.length > 1 ? { legend: defineLegend(lines, context) } : {}),
    grid: { ...margins, outerBoundsMode: 'none' },
    xAxis: {
      ...defineAxis(chart.positionTicks(nrColumns), chart.positionSpan, context),
      name: chart.positionName,
      nameLocation: 'middle',
      nameGap: 30,
    },
    yAxis: {
      ...defineAxis(byteTicks, [0, top], context),
      name: `${chart.bytesName} (${byteTicks.unit})`,
      nameLocation: 'middle',
      nameGap: widestTick(byteTicks) + 16,
      splitLine: gridLine,
    },
    series: lines.flatMap((line, index) =>
      defineLine(line, {
        color: lineColor(chart, index, theme),
        text: theme.text,
        background: theme.background,
        formatMark: chooseMarkLabel(lines),
        span: chart.positionSpan,
        top,
      }),
    ),
  } as EChartsOption;
}
