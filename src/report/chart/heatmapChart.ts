import type { CustomSeriesOption, EChartsOption } from 'echarts';
import { formatSize, formatTimeNs } from '../../base/format.ts';
import type { HeatMatrix } from '../heatmap/heatMatrix.ts';
import { computeNumberTicks } from './axisTicks.ts';
import type { AxisTicks } from './axisTicks.ts';
import type { ChartContext } from './chartContext.ts';
import {
  FONT_SIZE,
  defineAxis,
  defineFrame,
  defineTitle,
  estimateTextWidth,
  shortenDecimals,
  widestTick,
} from './chartParts.ts';
import type { ChartTitle, Margins } from './chartParts.ts';
import { placeAddresses, placeTime } from './heatmapAxes.ts';
import type { HeatmapAxes, HeatmapChart } from './heatmapAxes.ts';
import {
  computeHeatRaster,
  computeHighestValue,
  computeScaleRaster,
  hasUnobserved,
} from './raster.ts';
import type { Raster } from './raster.ts';

const MEANING = {
  hz: 'Accesses per second (Hz)',
  samples: 'Accesses per aggregation interval (samples)',
} as const;

const SCALE_WIDTH = 16;

function defineImage(
  raster: Raster,
  [x, y]: readonly [readonly [number, number], readonly [number, number]],
  context: ChartContext,
): CustomSeriesOption {
  const image = context.toImage(raster) as string;
  return {
    type: 'custom',
    clip: true,
    silent: true,
    data: [[x[0], y[0]]],
    renderItem: (_params, api) => {
      const [left = 0, top = 0] = api.coord([x[0], y[1]]);
      const [right = 0, bottom = 0] = api.coord([x[1], y[0]]);
      const style = { image, x: left, y: top, width: right - left, height: bottom - top };
      return { type: 'image', style };
    },
  };
}

function defineBlankNote(margins: Margins, context: ChartContext): EChartsOption['graphic'] {
  const { theme, width, height } = context;
  const top = height - margins.bottom + 31;
  const label = 'not observed';
  const left = width - 16 - estimateTextWidth(label, FONT_SIZE.tick) - SCALE_WIDTH - 6;
  return [
    {
      type: 'rect',
      silent: true,
      shape: { x: left, y: top, width: SCALE_WIDTH, height: 12 },
      style: { fill: theme.blank, stroke: theme.axisLine, lineWidth: 1 },
    },
    {
      type: 'text',
      silent: true,
      x: left + SCALE_WIDTH + 6,
      y: top + 6,
      style: {
        text: label,
        fill: theme.text,
        fontSize: FONT_SIZE.tick,
        fontFamily: context.fontFamily,
        verticalAlign: 'middle',
      },
    },
  ];
}

interface Scale {
  readonly ticks: AxisTicks;
  /** Value of the brightest colour. */
  readonly top: number;
}

function computeScale(matrix: HeatMatrix, nrWanted: number): Scale {
  const highest = computeHighestValue(matrix.values);
  // A record without any access still has a legend, and its cells are of the lowest colour.
  const top = highest > 0 ? highest : (matrix.maxValue ?? 1);
  return { ticks: computeNumberTicks({ start: 0, end: top, nrWanted }), top };
}

function defineAxes(
  { axes, scale, margins }: HeatmapLayout,
  unit: HeatMatrix['unit'],
  context: ChartContext,
): Pick<EChartsOption, 'grid' | 'xAxis' | 'yAxis'> {
  const { theme, width } = context;
  const { right, top, bottom, left } = margins;
  const frame = { show: true, borderColor: theme.axisLine, borderWidth: 1 };
  const name = { nameLocation: 'middle' as const };
  return {
    grid: [
      { left, right, top, bottom, ...frame, backgroundColor: theme.blank, outerBoundsMode: 'none' },
      {
        left: width - right + 20,
        width: SCALE_WIDTH,
        top,
        bottom,
        ...frame,
        outerBoundsMode: 'none',
      },
    ],
    xAxis: [
      {
        ...defineAxis(axes.time, [0, axes.lengthSeconds], context),
        ...name,
        name: axes.timeName,
        nameGap: 30,
      },
      { gridIndex: 1, type: 'value', min: 0, max: 1, show: false },
    ],
    yAxis: [
      {
        ...defineAxis(axes.address, [0, axes.sizeBytes], context),
        ...name,
        name: axes.addressName,
        nameGap: widestTick(axes.address) + 16,
      },
      {
        ...defineAxis(scale.ticks, [0, scale.top], context),
        ...name,
        gridIndex: 1,
        position: 'right',
        name: MEANING[unit],
        nameRotate: 90,
        nameGap: widestTick(scale.ticks) + 16,
      },
    ],
  };
}

const UNIT_NAME = { hz: 'Hz', samples: 'samples' } as const;

export function describeHeatmap({ matrix, targetName, recordName }: HeatmapChart): ChartTitle {
  const { timeRange, addressRange, nrTimes, nrAddresses, maxValue, unit } = matrix;
  const lengthNs = timeRange.endNs - timeRange.startNs;
  const sizeBytes = addressRange.endAddr - addressRange.startAddr;
  const cellTime = shortenDecimals(formatTimeNs(lengthNs / BigInt(nrTimes)));
  const cellSize = shortenDecimals(formatSize(sizeBytes / BigInt(nrAddresses)));
  const hottest = Number(computeHighestValue(matrix.values).toPrecision(3));
  const possible = maxValue === undefined ? '' : ` of ${Number(maxValue.toPrecision(3))} possible`;
  return {
    title: `Memory accesses of ${targetName}`,
    subtitle: [
      recordName,
      `${shortenDecimals(formatTimeNs(lengthNs))} × ${shortenDecimals(formatSize(sizeBytes))}`,
      `${nrTimes} × ${nrAddresses} cells of ${cellTime} × ${cellSize}`,
      `hottest ${hottest}${possible} ${UNIT_NAME[unit]}`,
    ].join(' · '),
  };
}

/** Where things are in a picture of a heatmap, for drawing and for pointing at it. */
export interface HeatmapLayout {
  readonly margins: Margins;
  readonly axes: HeatmapAxes;
  readonly scale: Scale;
}

export function computeHeatmapLayout(
  chart: HeatmapChart,
  { width, height }: Pick<ChartContext, 'width' | 'height'>,
): HeatmapLayout {
  const nrRows = Math.max(Math.floor(height / 70), 2);
  const addresses = placeAddresses(chart, nrRows);
  const scale = computeScale(chart.matrix, nrRows);
  const left = 16 + FONT_SIZE.name + 18 + widestTick(addresses.address);
  const right = 16 + SCALE_WIDTH + 20 + FONT_SIZE.name + 22 + widestTick(scale.ticks);
  const times = placeTime(chart, Math.max(Math.floor((width - left - right) / 90), 2));
  return { margins: { left, right, top: 64, bottom: 58 }, axes: { ...addresses, ...times }, scale };
}

/** Time to the right, addresses upwards, accesses as colour; cells nobody observed are blank. */
export function defineHeatmapChart(chart: HeatmapChart, context: ChartContext): EChartsOption {
  const { matrix } = chart;
  const layout = computeHeatmapLayout(chart, context);
  const { axes, scale, margins } = layout;
  const heat = defineImage(
    computeHeatRaster(matrix, scale.top),
    [
      [0, axes.lengthSeconds],
      [0, axes.sizeBytes],
    ],
    context,
  );
  const legend = defineImage(
    computeScaleRaster(),
    [
      [0, 1],
      [0, scale.top],
    ],
    context,
  );
  const hasBlank = hasUnobserved(matrix.values);
  return {
    ...defineFrame(context),
    title: defineTitle(describeHeatmap(chart), context),
    ...defineAxes(layout, matrix.unit, context),
    ...(hasBlank ? { graphic: defineBlankNote(margins, context) } : {}),
    series: [heat, { ...legend, xAxisIndex: 1, yAxisIndex: 1 }],
  } as EChartsOption;
}
