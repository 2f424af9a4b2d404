import { CHART_THEMES } from '../report/chart/chartContext.ts';
import { computeScaleRaster } from '../report/chart/raster.ts';
import { createRasterImage } from './canvas.ts';
import type { Box } from './canvas.ts';
import { describeZone, formatDay } from './clockText.ts';
import { byId, canvasById, setText } from './dom.ts';
import { measureLeftMargin, paintHeat, placePlot } from './heatPicture.ts';
import { computeHeatWindow } from './heatWindow.ts';
import type { HeatWindow, TimeWindow } from './heatWindow.ts';
import type { TargetHistory } from './history.ts';
import { formatBytes, formatDuration } from './humanText.ts';
import { countBytes } from './layout.ts';
import type { RowLayout } from './layout.ts';
import { findWindow } from './pageState.ts';
import type { PageState } from './pageState.ts';
import { chooseTop, formatHeat } from './scale.ts';
import { paintWss } from './wssPicture.ts';
import { listWssRuns } from './wssRuns.ts';
import type { WssRun } from './wssRuns.ts';

/** What was drawn, for pointing at it. */
export interface Drawn {
  readonly box: Box;
  readonly time: TimeWindow;
  readonly layout: RowLayout;
  readonly heat: HeatWindow;
  readonly runs: readonly WssRun[];
}

/** Less room than a pixel for each is of no use. */
const MAX_TIMES = 1200;
/** Percentiles drawn across the working set sizes. */
const MARKED = [50, 99];

function paintLegend(top: number, heat: HeatWindow): void {
  const { height: width, levels } = computeScaleRaster();
  const bar = canvasById('legendBar');
  if (bar.width !== width) {
    bar.width = width;
    bar.height = 1;
    const image = createRasterImage({ width, height: 1, levels: levels.toReversed() });
    bar.getContext('2d')?.drawImage(image, 0, 0);
  }
  setText(byId('legendHigh'), formatHeat(top, heat.unit));
}

function describeCells({ layout, time, heat }: Drawn): string {
  const cellBytes = countBytes(layout) / layout.nrRows;
  const cellSeconds = (time.endMs - time.startMs) / heat.nrTimes / 1e3;
  return `${formatBytes(countBytes(layout))}, cells of ${formatBytes(cellBytes)} × ${formatDuration(cellSeconds)}`;
}

function listMarks({ detail }: PageState): { label: string; bytes: number }[] {
  const window = detail === undefined ? '' : formatDuration(detail.windowSeconds);
  return (detail?.percentiles ?? [])
    .filter(([percentile]) => MARKED.includes(percentile))
    .map(([percentile, bytes]) => ({
      label: `p${percentile} of ${window}: ${formatBytes(bytes)}`,
      bytes,
    }));
}

function findSince({ past, columns }: TargetHistory): number | undefined {
  return past.length === 0 ? undefined : columns[0]?.startMs;
}

/** Draws what is known of the target that is looked at; undefined while that is nothing. */
export function drawPictures(state: PageState): Drawn | undefined {
  const history = state.key === undefined ? undefined : state.histories.get(state.key);
  // Until something is known of a range, all is shown.
  const closer = state.closer?.layout === undefined ? undefined : state.closer;
  const layout = closer?.layout ?? history?.layout;
  if (history === undefined || layout === undefined) return undefined;
  const theme = CHART_THEMES[state.theme];
  const canvas = canvasById('heat');
  const box = placePlot(canvas, measureLeftMargin(canvas, layout));
  const time = findWindow(state);
  const nrTimes = Math.max(Math.min(Math.round(box.right - box.left), MAX_TIMES), 1);
  const heat = computeHeatWindow({ whole: history, closer, layout, time, nrTimes });
  const top = chooseTop(heat);
  const common = { time, zone: state.zone, theme, box };
  paintHeat(canvas, { ...common, heat, layout, top, sinceMs: findSince(history) });
  paintLegend(top, heat);
  const wssCanvas = canvasById('wss');
  const runs = listWssRuns(history, time);
  paintWss(wssCanvas, {
    ...common,
    runs,
    marks: state.held === undefined ? listMarks(state) : [],
    box: { ...placePlot(wssCanvas, box.left), right: box.right },
  });
  const drawn: Drawn = { box, time, layout, heat, runs };
  const cells = describeCells(drawn);
  setText(byId('heatNote'), cells);
  canvas.setAttribute('aria-label', `Heatmap of accesses: ${cells}. Arrow keys read it.`);
  const day = formatDay(time.endMs, state.zone);
  setText(byId('timeNote'), `times are ${describeZone(state.zone, time.endMs)}, ${day}`);
  return drawn;
}
