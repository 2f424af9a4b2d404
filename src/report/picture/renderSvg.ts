import type { EChartsOption } from 'echarts';
import type { ChartContext } from '../chart/chartContext.ts';
import { encodePng } from './encodePng.ts';
import type { Raster } from '../chart/raster.ts';

/** A chart with everything decided but what it is drawn on. */
export type ChartDefinition = (context: ChartContext) => EChartsOption;

/** What readers of an SVG have is not known: the shipped font first, then common ones. */
const SVG_FONTS = "'Noto Sans', 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif";

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Same input, same text: the library numbers its names over the process's life. */
function renumberNames(svg: string, prefix: string): string {
  const names = new Map<string, string>();
  return svg.replace(/\bzr\d+-c\d+\b/g, (name) => {
    const known = names.get(name) ?? `${prefix}${names.size}`;
    names.set(name, known);
    return known;
  });
}

/** All styles are about a pointer that hovers, for which nothing is drawn. */
function removeStyles(svg: string): string {
  return svg
    .replace(/<style\b[\s\S]*?<\/style>\n?/g, '')
    .replace(/ (?:class|pointer-events)="[^"]*"/g, '');
}

function roundNumbers(svg: string): string {
  return svg.replace(/-?\d+\.\d{4,}/g, (number) => String(Math.round(Number(number) * 1e3) / 1e3));
}

function finishSvg(svg: string, title: string): string {
  const images = removeStyles(svg).replaceAll(
    '<image ',
    // Cells have sharp edges and fill the plot, whatever their number.
    '<image preserveAspectRatio="none" style="image-rendering:pixelated" ',
  );
  const fonts = ` role="img" font-family="${SVG_FONTS}"`;
  const named = images
    .replaceAll(`font-family:${SVG_FONTS};`, '')
    .replace('>', `${fonts}><title>${escapeXml(title)}</title>`);
  return `${roundNumbers(renumberNames(named, 'n'))}\n`;
}

function toDataUrl(raster: Raster): string {
  return `data:image/png;base64,${encodePng(raster).toString('base64')}`;
}

/** An SVG document as text. Loads the charting library on first use. */
export async function renderSvg(
  define: ChartDefinition,
  look: Pick<ChartContext, 'theme' | 'width' | 'height'>,
  title: string,
): Promise<string> {
  const { drawSvg } = await import('./echarts.ts');
  const context: ChartContext = { ...look, fontFamily: SVG_FONTS, toImage: toDataUrl };
  return finishSvg(drawSvg(define(context), look), title);
}
