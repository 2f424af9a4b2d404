import type { ChartTheme } from '../chart/chartContext.ts';

/**
 * A page's charts take their colours from the page's style sheet, which knows light and dark. The
 * drawing library takes plain colours only: these stand for variables, and are exchanged afterwards.
 */
export const PAGE_THEME: ChartTheme = {
  background: '#fe0100',
  blank: '#fe0101',
  text: '#fe0102',
  mutedText: '#fe0103',
  axisLine: '#fe0104',
  gridLine: '#fe0105',
  lines: ['#fe0110', '#fe0111', '#fe0112', '#fe0113', '#fe0114', '#fe0115', '#fe0116', '#fe0117'],
};

const VARIABLES: ReadonlyMap<string, string> = new Map([
  [PAGE_THEME.background, 'var(--card)'],
  [PAGE_THEME.blank, 'var(--blank)'],
  [PAGE_THEME.text, 'var(--text)'],
  [PAGE_THEME.mutedText, 'var(--muted)'],
  [PAGE_THEME.axisLine, 'var(--axis)'],
  [PAGE_THEME.gridLine, 'var(--grid)'],
  ...PAGE_THEME.lines.map((color, index) => [color, `var(--line${index})`] as const),
]);

/** The same drawing in the colours of the page. */
export function exchangeColors(svg: string): string {
  return svg.replace(/="(#fe01[0-9a-f]{2})"/g, (attribute, color: string) => {
    const variable = VARIABLES.get(color);
    return variable === undefined ? attribute : `="${variable}"`;
  });
}

/** The style sheet's colour for a colour of {@link PAGE_THEME}. */
export function pageColor(color: string): string {
  return VARIABLES.get(color) ?? color;
}
