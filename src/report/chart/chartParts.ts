import type { EChartsOption } from 'echarts';
import type { AxisTicks } from './axisTicks.ts';
import type { ChartContext } from './chartContext.ts';

/** What a chart says about itself above the plot. */
export interface ChartTitle {
  readonly title: string;
  /** Record, span, resolution: what one must know to read the plot. */
  readonly subtitle: string;
}

/** Pixels around the plotting area. */
export interface Margins {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

export const FONT_SIZE = { title: 17, subtitle: 12.5, name: 13, tick: 12 } as const;

/** Rough width of a text: enough to leave room, exact widths need a font engine. */
export function estimateTextWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.58;
}

export function widestTick(ticks: AxisTicks): number {
  const widths = ticks.positions.map((at) =>
    estimateTextWidth(ticks.formatTick(at), FONT_SIZE.tick),
  );
  return Math.max(0, ...widths);
}

/**
 * Cuts a text that would run out of the picture. By default in its middle: the end of a path tells
 * more. `headShare`: how much of what is left is the text's beginning.
 */
export function shortenText(
  text: string,
  fontSize: number,
  width: number,
  headShare = 0.5,
): string {
  const fitting = Math.floor(width / (fontSize * 0.58));
  if (text.length <= fitting) return text;
  const head = Math.ceil((fitting - 1) * headShare);
  return `${text.slice(0, head)}…${text.slice(text.length - (fitting - 1 - head))}`;
}

/** At most one decimal, for texts that give an impression and not the exact number. */
export function shortenDecimals(text: string): string {
  return text.replace(/\d+\.\d+/, (number) => String(Math.round(Number(number) * 10) / 10));
}

export function defineTitle(
  { title, subtitle }: ChartTitle,
  { theme, width }: ChartContext,
): NonNullable<EChartsOption['title']> {
  const left = 16;
  return {
    // What the target is stands before where it was seen.
    text: shortenText(title, FONT_SIZE.title, width - 2 * left, 1),
    subtext: shortenText(subtitle, FONT_SIZE.subtitle, width - 2 * left),
    left,
    top: 10,
    padding: 0,
    itemGap: 5,
    textStyle: { color: theme.text, fontSize: FONT_SIZE.title, fontWeight: 'normal' },
    subtextStyle: { color: theme.mutedText, fontSize: FONT_SIZE.subtitle },
  };
}

/** What all axes with own marks share. Base units go in; only marks and the name show units. */
export function defineAxis(
  ticks: AxisTicks,
  range: readonly [number, number],
  { theme }: ChartContext,
): object {
  const customValues = [...ticks.positions];
  return {
    type: 'value',
    min: range[0],
    max: range[1],
    nameTextStyle: { color: theme.text, fontSize: FONT_SIZE.name },
    axisLine: { show: true, onZero: false, lineStyle: { color: theme.axisLine } },
    axisTick: { show: true, customValues, lineStyle: { color: theme.axisLine } },
    axisLabel: {
      customValues,
      formatter: ticks.formatTick,
      color: theme.text,
      fontSize: FONT_SIZE.tick,
      // The echarts default leaves labels at the ends out when they come near the edge.
      showMinLabel: true,
      showMaxLabel: true,
      hideOverlap: true,
    },
    splitLine: { show: false },
  };
}

/** What is the same in all charts: no animation, because files hold one moment. */
export function defineFrame(context: ChartContext): EChartsOption {
  return {
    animation: false,
    backgroundColor: context.theme.background,
    textStyle: { fontFamily: context.fontFamily, color: context.theme.text },
  };
}
