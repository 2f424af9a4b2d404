import { formatSize, formatTimeNs } from '../../base/format.ts';
import type { HeatMatrix } from './heatMatrix.ts';

export const TERMINAL_COLOR_SETS = ['gray', 'flame', 'emotion'] as const;
export type TerminalColorSet = (typeof TERMINAL_COLOR_SETS)[number];

/** Of the 256 terminal colours, one for each level from cold to hot. */
interface Colors {
  readonly background: readonly number[];
  readonly foreground: readonly number[];
}

const EMOTION_FOREGROUND = [239, 235, 237, 239, 243, 245, 247, 249, 251, 255];

const COLORS: Readonly<Record<TerminalColorSet, Colors>> = {
  gray: {
    background: Array.from({ length: 10 }, () => 232),
    foreground: Array.from({ length: 10 }, (_, level) => 237 + 2 * level),
  },
  flame: {
    background: [232, 1, 1, 2, 3, 3, 20, 21, 26, 27],
    foreground: EMOTION_FOREGROUND,
  },
  emotion: {
    background: [232, 234, 20, 21, 26, 2, 3, 1, 1, 1],
    foreground: EMOTION_FOREGROUND,
  },
};

const NR_LEVELS = 10;
const RESET = '\u001b[0m';

export interface TerminalOptions {
  readonly colorSet: TerminalColorSet;
  /** False where nobody interprets colours: a file, a pipe. */
  readonly isColored: boolean;
}

function findHighest(values: Float64Array): number {
  let highest = 0;
  for (const value of values) if (value > highest) highest = value;
  return highest;
}

/** From 0 for nothing to 9 for the highest heat of the map. */
function computeLevel(value: number, highest: number): number {
  if (highest === 0) return 0;
  return Math.min(Math.floor((value / highest) * NR_LEVELS), NR_LEVELS - 1);
}

/** How a level is written, and what ends the colours. */
export interface LevelFormatter {
  readonly formatLevel: (level: number) => string;
  readonly reset: string;
}

export function createLevelFormatter({ colorSet, isColored }: TerminalOptions): LevelFormatter {
  if (!isColored) return { formatLevel: String, reset: '' };
  const { background, foreground } = COLORS[colorSet];
  const cells = Array.from(
    { length: NR_LEVELS },
    (_, level) =>
      `\u001b[48;5;${background[level] ?? 0}m\u001b[38;5;${foreground[level] ?? 0}m${level}`,
  );
  return { formatLevel: (level) => cells[level] ?? '', reset: RESET };
}

function formatRow(
  cells: Float64Array,
  highest: number,
  { formatLevel, reset }: LevelFormatter,
): string {
  let row = '';
  for (const value of cells) {
    // A colour would claim that something is known there.
    row += Number.isNaN(value) ? `${reset} ` : formatLevel(computeLevel(value, highest));
  }
  return `${row}${reset}\n`;
}

/**
 * The heatmap as lines of digits, time downwards and addresses to the right, with a legend. Digits
 * run from 0 to the highest heat in the map, in ten equal steps; a blank was not observed.
 */
export function formatTerminalHeatmap(matrix: HeatMatrix, options: TerminalOptions): string {
  const { timeRange, addressRange, nrTimes, nrAddresses, values, unit } = matrix;
  const highest = findHighest(values);
  const formatter = createLevelFormatter(options);
  const rows = Array.from({ length: nrTimes }, (_, row) =>
    formatRow(values.subarray(row * nrAddresses, (row + 1) * nrAddresses), highest, formatter),
  );
  const scale = Array.from({ length: NR_LEVELS }, (_, level) => formatter.formatLevel(level)).join(
    '',
  );
  const bytes = addressRange.endAddr - addressRange.startAddr;
  const durationNs = timeRange.endNs - timeRange.startNs;
  const [cellSize, cellTime] = [
    formatSize(bytes / BigInt(nrAddresses)),
    formatTimeNs(durationNs / BigInt(nrTimes)),
  ];
  return (
    rows.join('') +
    `# access_frequency: ${scale}${formatter.reset} (0.000-${highest.toFixed(3)} ${unit})\n` +
    `# x-axis: space (${addressRange.startAddr.toString()}-${addressRange.endAddr.toString()}: ${formatSize(bytes)})\n` +
    `# y-axis: time (${timeRange.startNs.toString()}-${timeRange.endNs.toString()}: ${formatTimeNs(durationNs)})\n` +
    `# resolution: ${nrAddresses}x${nrTimes} (${cellSize} and ${cellTime} for each character)\n`
  );
}
