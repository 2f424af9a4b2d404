import type { Raster } from './raster.ts';

export type ThemeName = 'light' | 'dark';

export interface ChartTheme {
  readonly background: string;
  /** Of the plotting area: what cells without observation show. */
  readonly blank: string;
  readonly text: string;
  readonly mutedText: string;
  readonly axisLine: string;
  readonly gridLine: string;
  /** One colour per line, in order; told apart by colour-blind readers. */
  readonly lines: readonly string[];
}

/** What a chart is drawn with, so that one definition serves files, terminals' pictures and pages. */
export interface ChartContext {
  readonly theme: ChartTheme;
  readonly fontFamily: string;
  /** Pixels of the picture, before any scaling for sharpness. */
  readonly width: number;
  readonly height: number;
  /** What the drawing library takes as an image: a URL, or a canvas. */
  readonly toImage: (raster: Raster) => string | object;
}

export const CHART_THEMES: Readonly<Record<ThemeName, ChartTheme>> = {
  light: {
    background: '#ffffff',
    blank: '#ffffff',
    text: '#1f2328',
    mutedText: '#57606a',
    axisLine: '#8c959f',
    gridLine: '#e4e8ec',
    lines: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#5b5b5b', '#882255'],
  },
  dark: {
    background: '#15191f',
    blank: '#2b3038',
    text: '#e6edf3',
    mutedText: '#9da7b1',
    axisLine: '#6e7781',
    gridLine: '#2b323b',
    lines: ['#56b4e9', '#e69f00', '#2fc39a', '#e79ac6', '#f0e442', '#6aa6ff', '#bdbdbd', '#ff8a5c'],
  },
};
