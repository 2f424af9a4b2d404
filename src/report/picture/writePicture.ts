import { CHART_THEMES } from '../chart/chartContext.ts';
import type { ThemeName } from '../chart/chartContext.ts';
import type { ChartTitle } from '../chart/chartParts.ts';
import { defineHeatmapChart, describeHeatmap } from '../chart/heatmapChart.ts';
import type { HeatmapChart } from '../chart/heatmapAxes.ts';
import { defineLineChart } from '../chart/lineChart.ts';
import { drawWssDistribution } from '../chart/wssCharts.ts';
import type { WssDistributionChart } from '../chart/wssCharts.ts';
import { parsePictureFormat } from './pictureFormat.ts';
import type { PictureFormat } from './pictureFormat.ts';
import { renderImage, renderPdf } from './renderCanvas.ts';
import { renderSvg } from './renderSvg.ts';
import type { ChartDefinition } from './renderSvg.ts';
import { replaceFile } from './replaceFile.ts';

export interface PictureOptions {
  /** In units of 1/96 inch; less than 480 x 400 leaves the texts no room. */
  readonly width?: number;
  readonly height?: number;
  /** Pixels per unit in png and jpeg. */
  readonly pixelRatio?: number;
  readonly theme?: ThemeName;
}

const DEFAULTS = { width: 960, height: 600, pixelRatio: 2, theme: 'light' } as const;

async function renderPicture(
  define: ChartDefinition,
  { title }: ChartTitle,
  { format, options }: { readonly format: PictureFormat; readonly options: PictureOptions },
): Promise<string | Buffer> {
  const { width, height, pixelRatio, theme } = { ...DEFAULTS, ...options };
  const look = { width, height, pixelRatio, theme: CHART_THEMES[theme], title };
  if (format === 'svg') return renderSvg(define, look, { title, prefix: 'n' });
  return format === 'pdf' ? renderPdf(define, look) : renderImage(define, look, format);
}

async function writeChart(
  define: ChartDefinition,
  chart: ChartTitle,
  { path, options }: { readonly path: string; readonly options: PictureOptions },
): Promise<void> {
  const format = parsePictureFormat(path);
  await replaceFile(path, await renderPicture(define, chart, { format, options }));
}

/**
 * The kind of picture follows from the name's ending: png, svg, pdf, jpeg or jpg. An existing file is
 * replaced at once when the picture is complete.
 *
 * @throws UsageError for another ending; RecordError when the file cannot be written.
 */
export async function writeHeatmapPicture(
  chart: HeatmapChart,
  path: string,
  options: PictureOptions = {},
): Promise<void> {
  const define: ChartDefinition = (context) => defineHeatmapChart(chart, context);
  await writeChart(define, describeHeatmap(chart), { path, options });
}

/** As {@link writeHeatmapPicture}: sizes by percentile or by percent of the run time. */
export async function writeWssPicture(
  chart: WssDistributionChart,
  path: string,
  options: PictureOptions = {},
): Promise<void> {
  const define: ChartDefinition = (context) => defineLineChart(drawWssDistribution(chart), context);
  await writeChart(define, chart, { path, options });
}
