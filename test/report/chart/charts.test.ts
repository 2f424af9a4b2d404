import { expect, test } from 'vitest';
import { CHART_THEMES } from '../../../src/report/chart/chartContext.ts';
import type { ThemeName } from '../../../src/report/chart/chartContext.ts';
import { defineHeatmapChart, describeHeatmap } from '../../../src/report/chart/heatmapChart.ts';
import { defineLineChart } from '../../../src/report/chart/lineChart.ts';
import { drawSchemes } from '../../../src/report/chart/schemesChart.ts';
import { drawWssDistribution, drawWssTime } from '../../../src/report/chart/wssCharts.ts';
import { renderSvg } from '../../../src/report/picture/renderSvg.ts';
import type { ChartDefinition } from '../../../src/report/picture/renderSvg.ts';
import { heatmapChart, stairMatrix } from '../../support/heatMatrices.ts';
import { spellOutImages } from '../../support/pngPixels.ts';

async function draw(define: ChartDefinition, theme: ThemeName = 'light'): Promise<string> {
  const look = { theme: CHART_THEMES[theme], width: 640, height: 400 };
  return spellOutImages(await renderSvg(define, look, { title: 'Test <chart>', prefix: 'n' }));
}

const MIB = 2 ** 20;
const sizes = Float64Array.from({ length: 101 }, (_, at) => (at < 20 ? 95 : 95 + at / 2) * MIB);
const seconds = Float64Array.from(sizes, (_, at) => at / 10);

const charts: [name: string, define: ChartDefinition, theme?: ThemeName][] = [
  ['heatmap', (context) => defineHeatmapChart(heatmapChart(stairMatrix(10, 10)), context)],
  [
    'heatmapAbsolute',
    (context) => {
      const chart = { ...heatmapChart(stairMatrix(10, 10)), isAbsTime: true, isAbsAddr: true };
      return defineHeatmapChart(chart, context);
    },
    'dark',
  ],
  [
    'wssDistribution',
    (context) => {
      const percentiles = [0, 25, 50, 75, 100].map((at) => ({ percentile: at, bytes: sizes[at]! }));
      const curves = [{ label: '42', order: 'size' as const, bytes: sizes, percentiles }];
      return defineLineChart(
        drawWssDistribution({ title: 'WSS', subtitle: 'damon.data', curves }),
        context,
      );
    },
  ],
  [
    'wssTime',
    (context) => {
      const lines = ['1', '2'].map((label) => ({ label, seconds, bytes: sizes }));
      return defineLineChart(drawWssTime({ title: 'WSS', subtitle: 'damon.data', lines }), context);
    },
  ],
  [
    'schemes',
    (context) => {
      const columns = { seconds, triedBytes: sizes, appliedBytes: sizes.map((size) => size / 2) };
      const schemes = [{ label: 'scheme 0 (pageout)', ...columns }];
      return defineLineChart(
        drawSchemes({ title: 'Schemes', subtitle: 'damon.data', schemes }),
        context,
      );
    },
  ],
];

test.each(charts)('%s: drawn as it was looked at and found good', async (...chart) => {
  const [name, define, theme] = chart;
  await expect(await draw(define, theme)).toMatchFileSnapshot(`../../golden/report/${name}.svg`);
});

test('the same chart gives the same text however many were drawn before', async () => {
  const define: ChartDefinition = (context) =>
    defineHeatmapChart(heatmapChart(stairMatrix(3, 3)), context);
  expect(await draw(define)).toBe(await draw(define));
});

test('a heatmap without any observation still has axes and says that nothing was observed', async () => {
  const matrix = { ...stairMatrix(4, 4), values: new Float64Array(16).fill(NaN) };
  const svg = await draw((context) => defineHeatmapChart(heatmapChart(matrix), context));
  expect(svg).toContain('not observed');
  expect(svg).toContain('Time since the start of the record (s)');
});

test('the note about unobserved cells is left out where all were observed', async () => {
  const matrix = { ...stairMatrix(4, 4), values: new Float64Array(16) };
  const svg = await draw((context) => defineHeatmapChart(heatmapChart(matrix), context));
  expect(svg).not.toContain('not observed');
});

test('a heatmap is described by record, ranges, cells and its hottest cell', () => {
  expect(describeHeatmap(heatmapChart(stairMatrix(40, 20)))).toEqual({
    title: 'Memory accesses of target 42 (stairs)',
    subtitle:
      'damon.data · 56 s × 196.8 MiB · 40 × 20 cells of 1.4 s × 9.8 MiB · hottest 200 of 200 possible Hz',
  });
});

test('where there is no room for the whole title its beginning stays: it names the target', async () => {
  const chart = { ...heatmapChart(stairMatrix(3, 3)), targetName: `target 42 ${'x'.repeat(90)}` };
  const picture = await draw((context) => defineHeatmapChart(chart, context));
  expect(picture).toMatch(/>Memory accesses of target 42 x+…</);
});

test('names from records cannot end the markup they stand in', async () => {
  const chart = { ...heatmapChart(stairMatrix(2, 2)), targetName: '</text><script>x</script>' };
  const svg = await draw((context) => defineHeatmapChart(chart, context));
  expect(svg).not.toContain('<script');
  expect(svg).toContain('<title>Test &lt;chart&gt;</title>');
});

test('a long line keeps its single peak and has no more points than can be seen', async () => {
  const bytes = new Float64Array(100_000).fill(MIB);
  bytes[54_321] = 64 * MIB;
  const at = Float64Array.from(bytes, (_, index) => index / 1000);
  const lines = [{ label: '42', seconds: at, bytes }];
  const svg = await draw((context) =>
    defineLineChart(drawWssTime({ title: 'WSS', subtitle: '', lines }), context),
  );
  expect(svg.length).toBeLessThan(60_000);
  const [, path = ''] = /<path d="(M[^"]{500,})"/.exec(svg) ?? [];
  const heights = path.match(/-?[\d.]+ (-?[\d.]+)/g)!.map((point) => Number(point.split(' ')[1]));
  expect(Math.max(...heights) - Math.min(...heights)).toBeGreaterThan(200);
});

test('cells stay in place however far the clock is from zero: a double has no digits left there', async () => {
  const startNs = 1_700_000_005_000_000_000n;
  const matrix = {
    ...stairMatrix(4, 4),
    timeRange: { startNs, endNs: startNs + 40n },
    clockBase: undefined,
  };
  const chart = { ...heatmapChart(matrix), isAbsTime: true };
  const svg = await draw((context) => defineHeatmapChart(chart, context));
  const [, width = '0'] = /<image [^>]*width="([\d.]+)"/.exec(svg) ?? [];
  expect(Number(width)).toBeGreaterThan(300);
});

test('texts keep numbers and names that look like those of the drawing library', async () => {
  const chart = { ...heatmapChart(stairMatrix(2, 2)), targetName: 'zr0-c1 0.123456' };
  expect(await draw((context) => defineHeatmapChart(chart, context))).toContain('zr0-c1 0.123456');
});
