import { formatCount, formatSize } from '../../base/format.ts';
import { createLevelFormatter } from '../heatmap/terminalHeatmap.ts';
import type { TerminalOptions } from '../heatmap/terminalHeatmap.ts';
import type { AccessRegion, AccessView } from './accessRegions.ts';

const NR_CELLS = 80;
const MAX_LEVEL = 9;
/** Wider gaps are cut short. */
const MAX_GAP_CELLS = 4;

/** Mean temperature of each cell of `cellBytes`, when the monitored bytes stand in a row. */
function computeCells(regions: readonly AccessRegion[], cellBytes: number): Float64Array {
  const heat = new Float64Array(NR_CELLS);
  let offset = 0;
  for (const { bytes, temperature } of regions) {
    const end = offset + bytes;
    const last = Math.min(Math.ceil(end / cellBytes), NR_CELLS) - 1;
    for (let cell = Math.floor(offset / cellBytes); cell <= last; cell++) {
      const overlap = Math.min(end, (cell + 1) * cellBytes) - Math.max(offset, cell * cellBytes);
      heat[cell] = (heat[cell] ?? 0) + (temperature * overlap) / cellBytes;
    }
    offset = end;
  }
  return heat;
}

/** Texts that stand before cells: what is not monitored there. */
function findGaps(regions: readonly AccessRegion[], cellBytes: number): Map<number, string> {
  const gaps = new Map<number, string>();
  let offset = 0;
  let previousEnd = regions[0]?.startAddr ?? 0n;
  for (const { startAddr, endAddr, bytes } of regions) {
    const nrCells = Number(startAddr - previousEnd) / cellBytes;
    const text = nrCells > MAX_GAP_CELLS ? '[...]' : '.'.repeat(Math.floor(nrCells));
    const cell = Math.round(offset / cellBytes);
    if (text !== '') gaps.set(cell, `${gaps.get(cell) ?? ''}${text}`);
    previousEnd = endAddr;
    offset += bytes;
  }
  return gaps;
}

/** One line of digits from the coldest to the hottest, in the order of addresses, and its legend. */
export function formatAccessHeatmap({ regions }: AccessView, options: TerminalOptions): string {
  const total = regions.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total === 0) return '';
  const cellBytes = total / NR_CELLS;
  const heat = computeCells(regions, cellBytes);
  const low = heat.reduce((a, b) => Math.min(a, b), Infinity);
  const high = heat.reduce((a, b) => Math.max(a, b), -Infinity);
  const perLevel = (high - low) / MAX_LEVEL;
  const gaps = findGaps(regions, cellBytes);
  const { formatLevel, reset } = createLevelFormatter(options);
  const cells = [...heat].map((value, cell) => {
    const level = perLevel === 0 ? 0 : Math.min(Math.trunc((value - low) / perLevel), MAX_LEVEL);
    const gap = gaps.get(cell);
    return `${gap === undefined ? '' : reset + gap}${formatLevel(level)}`;
  });
  return (
    `heatmap: ${cells.join('')}${reset}\n` +
    `# min/max temperatures: ${formatCount(low)}, ${formatCount(high)}, ` +
    `column size: ${formatSize(BigInt(Math.trunc(cellBytes)))}\n`
  );
}
