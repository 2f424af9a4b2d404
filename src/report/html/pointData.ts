import type { HeatmapChart } from '../chart/heatmapAxes.ts';
import { computeHeatmapLayout } from '../chart/heatmapChart.ts';
import { computeLineLayout, lineColor, thinLine } from '../chart/lineChart.ts';
import type { LineChart } from '../chart/lineChart.ts';
import type { Margins } from '../chart/chartParts.ts';
import { PAGE_THEME, pageColor } from './pageTheme.ts';

/** Units of a chart in the page; it is scaled to the page's width. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** The plotting area in units of the picture. */
interface PlotArea {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** What `page.js` needs to tell what is under the pointer; it takes the heat from the image. */
export interface HeatmapPointData {
  readonly kind: 'heatmap';
  readonly plot: PlotArea;
  /** Start and end in seconds. */
  readonly time: readonly [number, number];
  /** Decimal: 64 bits do not fit a JSON number. */
  readonly startAddr: string;
  readonly sizeBytes: number;
  /** Value of the brightest colour. */
  readonly top: number;
  readonly unit: string;
}

export interface LinePointData {
  readonly kind: 'lines';
  readonly plot: PlotArea;
  readonly span: readonly [number, number];
  /** What positions are: seconds, or percent. */
  readonly unit: 's' | '%';
  readonly lines: readonly {
    readonly label: string;
    readonly color: string;
    readonly isStepped: boolean;
    /** Position and bytes, ascending. */
    readonly points: readonly (readonly [number, number])[];
  }[];
}

function toPlotArea(margins: Margins, { width, height }: ChartSize): PlotArea {
  const { left, top, right, bottom } = margins;
  return { left, top, right: width - right, bottom: height - bottom };
}

export function gatherHeatmapPoints(chart: HeatmapChart, size: ChartSize): HeatmapPointData {
  const { margins, axes, scale } = computeHeatmapLayout(chart, size);
  const { matrix } = chart;
  return {
    kind: 'heatmap',
    plot: toPlotArea(margins, size),
    time: [axes.startSeconds, axes.startSeconds + axes.lengthSeconds],
    startAddr: matrix.addressRange.startAddr.toString(),
    sizeBytes: axes.sizeBytes,
    top: scale.top,
    unit: matrix.unit === 'hz' ? 'Hz' : 'samples',
  };
}

function roundPoint([position, bytes]: readonly [number, number]): readonly [number, number] {
  return [Math.round(position * 1e3) / 1e3, Math.round(bytes)];
}

export function gatherLinePoints(
  chart: LineChart,
  size: ChartSize,
  unit: LinePointData['unit'],
): LinePointData {
  const { margins, lines } = computeLineLayout(chart, size);
  return {
    kind: 'lines',
    plot: toPlotArea(margins, size),
    span: chart.positionSpan,
    unit,
    lines: lines.map((line, index) => ({
      label: line.label,
      color: pageColor(lineColor(chart, index, PAGE_THEME)),
      isStepped: line.isStepped,
      points: thinLine(line).map(roundPoint),
    })),
  };
}
