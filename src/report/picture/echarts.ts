import { CustomChart, LineChart } from 'echarts/charts';
import {
  GraphicComponent,
  GridComponent,
  LegendComponent,
  TitleComponent,
  TooltipComponent,
} from 'echarts/components';
import { init, use } from 'echarts/core';
import type { EChartsOption } from 'echarts';
import { CanvasRenderer, SVGRenderer } from 'echarts/renderers';

/**
 * The parts of the charting library that are used. The build puts them into this one file, so that
 * who installs the program gets 0.6 MB instead of 60 and loading takes one file instead of 500.
 * Import it only when a picture is asked for.
 */
use([
  CustomChart,
  LineChart,
  GraphicComponent,
  GridComponent,
  LegendComponent,
  TitleComponent,
  TooltipComponent,
  CanvasRenderer,
  SVGRenderer,
]);

interface Drawing {
  readonly width: number;
  readonly height: number;
}

export function drawSvg(option: EChartsOption, { width, height }: Drawing): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  chart.setOption(option);
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

/** Anything with a two-dimensional drawing context: a canvas, or a page of a PDF. */
export interface DrawingTarget {
  readonly nodeName: 'CANVAS';
  width: number;
  height: number;
  getContext(kind: '2d'): unknown;
}

interface CanvasDrawing extends Drawing {
  readonly pixelRatio: number;
  readonly target: DrawingTarget;
}

/** Draws at `pixelRatio` times the size and gives what `take` makes of it. */
export async function drawOnCanvas<Result>(
  option: EChartsOption,
  { width, height, pixelRatio, target }: CanvasDrawing,
  take: () => Result | Promise<Result>,
): Promise<Result> {
  const chart = init(target, null, {
    renderer: 'canvas',
    devicePixelRatio: pixelRatio,
    width,
    height,
  });
  try {
    chart.setOption(option);
    chart.getZr().flush();
    return await take();
  } finally {
    // Disposing wipes the canvas: what was drawn must have been taken.
    chart.dispose();
  }
}
