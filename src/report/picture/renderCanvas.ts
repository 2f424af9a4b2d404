import type * as CanvasModule from '@napi-rs/canvas';
import type { Canvas, CanvasRenderingContext2D } from '@napi-rs/canvas';
import { ExporterError, describeError } from '../../base/errors.ts';
import type { ChartContext } from '../chart/chartContext.ts';
import { computePalette } from '../chart/colorMap.ts';
import type { Raster } from '../chart/raster.ts';
import type { DrawingTarget } from './echarts.ts';
import { readPictureFonts } from './pictureFonts.ts';
import type { ChartDefinition } from './renderSvg.ts';

type CanvasLibrary = typeof CanvasModule;

export interface CanvasLook extends Pick<ChartContext, 'theme' | 'width' | 'height'> {
  /** Pixels per unit of width and height. */
  readonly pixelRatio: number;
  readonly title: string;
}

/** An optional dependency: it is prebuilt for the usual machines only. */
async function loadCanvasLibrary(): Promise<CanvasLibrary> {
  try {
    return await import('@napi-rs/canvas');
  } catch (error) {
    throw new ExporterError(
      'failure',
      `draw a png, jpeg or pdf picture: the optional package @napi-rs/canvas could not be loaded (${describeError(error).split('\n')[0] ?? ''}); install it, or ask for .svg, which needs nothing`,
      { cause: error },
    );
  }
}

/** The families to ask for, in order; registers them with the library where it lacks them. */
function registerFonts({ GlobalFonts }: CanvasLibrary): string {
  const families = readPictureFonts().map(({ family, file }) => {
    if (!GlobalFonts.has(family)) GlobalFonts.register(file, family);
    return `"${family}"`;
  });
  return [...families, 'sans-serif'].join(', ');
}

function paintRaster(raster: Raster, { createCanvas }: CanvasLibrary): Canvas {
  const { width, height, levels } = raster;
  const palette = new Uint32Array(computePalette().buffer);
  const canvas = createCanvas(width, height);
  const context = canvas.getContext('2d');
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer, image.data.byteOffset, levels.length);
  for (let at = 0; at < levels.length; at += 1) pixels[at] = palette[levels[at] ?? 0] ?? 0;
  context.putImageData(image, 0, 0);
  return canvas;
}

interface Page<Result> {
  readonly library: CanvasLibrary;
  readonly page: CanvasRenderingContext2D;
  /** Makes a file of what was drawn. */
  readonly take: () => Result | Promise<Result>;
}

async function draw<Result>(
  define: ChartDefinition,
  look: CanvasLook,
  { library, page, take }: Page<Result>,
): Promise<Result> {
  const { drawOnCanvas } = await import('./echarts.ts');
  const context: ChartContext = {
    ...look,
    fontFamily: registerFonts(library),
    toImage: (raster) => paintRaster(raster, library),
  };
  // Cells have sharp edges, whatever their number.
  page.imageSmoothingEnabled = false;
  const target: DrawingTarget = {
    nodeName: 'CANVAS',
    width: look.width * look.pixelRatio,
    height: look.height * look.pixelRatio,
    getContext: () => page,
  };
  return drawOnCanvas(define(context), { ...look, target }, take);
}

export async function renderImage(
  define: ChartDefinition,
  look: CanvasLook,
  format: 'png' | 'jpeg',
): Promise<Buffer> {
  const library = await loadCanvasLibrary();
  const { width, height, pixelRatio } = look;
  const canvas = library.createCanvas(width * pixelRatio, height * pixelRatio);
  return draw(define, look, {
    library,
    page: canvas.getContext('2d'),
    take: () => (format === 'png' ? canvas.encode('png') : canvas.encode('jpeg', 92)),
  });
}

/** One page of vectors with text that can be selected and searched. */
export async function renderPdf(define: ChartDefinition, look: CanvasLook): Promise<Buffer> {
  const library = await loadCanvasLibrary();
  // A unit of the picture is 1/96 inch, a unit of PDF 1/72.
  const pixelRatio = 0.75;
  const document = new library.PDFDocument({ title: look.title, creator: 'damon-exporter' });
  const page = document.beginPage(look.width * pixelRatio, look.height * pixelRatio);
  const take = (): Buffer => {
    document.endPage();
    return document.close();
  };
  return draw(define, { ...look, pixelRatio }, { library, page, take });
}
