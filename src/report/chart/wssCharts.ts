import { computeNumberTicks, computeTimeTicks } from './axisTicks.ts';
import type { ChartTitle } from './chartParts.ts';
import type { ByteLine, LineChart } from './lineChart.ts';

/** The part of a distribution that is drawn. */
export interface WssCurve {
  readonly label: string;
  readonly order: 'size' | 'time';
  /** All measured sizes, in that order. */
  readonly bytes: Float64Array;
  /** These points of the curve are marked where it is ordered by size. */
  readonly percentiles: readonly { readonly percentile: number; readonly bytes: number }[];
}

export interface WssDistributionChart extends ChartTitle {
  readonly curves: readonly WssCurve[];
}

function drawCurve({ label, order, bytes, percentiles }: WssCurve): ByteLine {
  const last = Math.max(bytes.length - 1, 1);
  return {
    label,
    positions: Float64Array.from(bytes, (_, at) => (at / last) * 100),
    bytes,
    isStepped: false,
    isDashed: false,
    // Of sizes as they followed each other, any other moments would do as well.
    marks: order === 'size' ? percentiles.map((mark) => [mark.percentile, mark.bytes]) : [],
  };
}

/** All sizes from the smallest to the largest, or as the run went on. */
export function drawWssDistribution(chart: WssDistributionChart): LineChart {
  const { title, subtitle, curves } = chart;
  const isByTime = curves[0]?.order === 'time';
  return {
    title,
    subtitle,
    lines: curves.map(drawCurve),
    linesPerColor: 1,
    bytesName: 'Working set size',
    positionName: isByTime
      ? 'Run time (%)'
      : 'Percentile: share of the samples at most this large (%)',
    positionSpan: [0, 100],
    positionTicks: (nrWanted: number) => computeNumberTicks({ start: 0, end: 100, nrWanted }),
  };
}

export interface WssTimeLine {
  readonly label: string;
  /** Seconds since the start of the record, ascending. */
  readonly seconds: ArrayLike<number>;
  readonly bytes: ArrayLike<number>;
}

export interface WssTimeChart extends ChartTitle {
  readonly lines: readonly WssTimeLine[];
}

/** From zero to the last moment of any line. */
export function spanOfSeconds(lines: readonly { readonly seconds: ArrayLike<number> }[]): number {
  const ends = lines.map(({ seconds }) => seconds[seconds.length - 1] ?? 0);
  const end = Math.max(0, ...ends);
  return end > 0 ? end : 1;
}

export function drawWssTime({ title, subtitle, lines }: WssTimeChart): LineChart {
  const end = spanOfSeconds(lines);
  const { unit } = computeTimeTicks({ start: 0, end, nrWanted: 5 });
  return {
    title,
    subtitle,
    lines: lines.map(({ label, seconds, bytes }) => ({
      label,
      positions: seconds,
      bytes,
      isStepped: false,
      isDashed: false,
      marks: [],
    })),
    linesPerColor: 1,
    bytesName: 'Working set size',
    positionName: `Time since the start of the record (${unit})`,
    positionSpan: [0, end],
    positionTicks: (nrWanted: number) => computeTimeTicks({ start: 0, end, nrWanted }),
  };
}
