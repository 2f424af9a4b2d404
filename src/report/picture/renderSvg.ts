import type { EChartsOption } from 'echarts';
import type { ChartContext } from '../chart/chartContext.ts';
import { encodePng } from './encodePng.ts';
import type { Raster } from '../chart/raster.ts';

/** A chart with everything decided but what it is drawn on. */
export type ChartDefinition = (context: ChartContext) => EChartsOption;

/** What readers of an SVG have is not known: the shipped font first, then common ones. */
const SVG_FONTS = "'Noto Sans', 'DejaVu Sans', 'Liberation Sans', Arial, sans-serif";

/** For text and for attributes in double quotes. */
export function escapeXml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** All styles are about a pointer that hovers, for which nothing is drawn. */
function removeStyles(svg: string): string {
  return svg.replace(/<style\b[\s\S]*?<\/style>\n?/g, '');
}

/** Same input, same text: the library numbers its names over the process's life. */
function createTagCleaner(prefix: string): (tag: string) => string {
  const names = new Map<string, string>();
  const rename = (name: string): string => {
    const known = names.get(name) ?? `${prefix}${names.size}`;
    names.set(name, known);
    return known;
  };
  return (tag) =>
    tag
      .replace(/ (?:class|pointer-events)="[^"]*"/g, '')
      .replace(/\bzr\d+-c\d+\b/g, rename)
      .replace(/-?\d+\.\d{4,}/g, (number) => String(Math.round(Number(number) * 1e3) / 1e3))
      .replace(`font-family:${SVG_FONTS};`, '')
      // Cells have sharp edges and fill the plot, whatever their number.
      .replace(/^<image /, '<image preserveAspectRatio="none" style="image-rendering:pixelated" ');
}

/** `prefix` keeps names apart where several pictures share a document. */
function finishSvg(svg: string, { title, prefix }: SvgNames): string {
  const cleaned = removeStyles(svg).replace(/<[^>]*>/g, createTagCleaner(prefix));
  const attributes = ` role="img" font-family="${SVG_FONTS}"`;
  return `${cleaned.replace('>', `${attributes}><title>${escapeXml(title)}</title>`)}\n`;
}

interface SvgNames {
  /** For readers who cannot see the picture. */
  readonly title: string;
  readonly prefix: string;
}

function toDataUrl(raster: Raster): string {
  return `data:image/png;base64,${encodePng(raster).toString('base64')}`;
}

/** An SVG document as text. Loads the charting library on first use. */
export async function renderSvg(
  define: ChartDefinition,
  look: Pick<ChartContext, 'theme' | 'width' | 'height'>,
  names: SvgNames,
): Promise<string> {
  const { drawSvg } = await import('./echarts.ts');
  const context: ChartContext = { ...look, fontFamily: SVG_FONTS, toImage: toDataUrl };
  return finishSvg(drawSvg(define(context), look), names);
}
