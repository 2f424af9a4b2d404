import { formatCount, formatSize, formatTimeNs } from '../../base/format.ts';
import type { AccessRegion, AccessView } from './accessRegions.ts';

const NR_RANGES = 10;
const BAR_COLUMNS = 20;
const PERCENTILES = [0, 1, 25, 50, 75, 99, 100];

/** What regions are told apart by. */
export type AccessMeasure = 'recency' | 'temperature';

function measure(region: AccessRegion, by: AccessMeasure): number {
  return by === 'recency' ? region.idleUs : region.temperature;
}

function formatMeasure(value: number, by: AccessMeasure, isRaw: boolean): string {
  if (by === 'recency') return formatTimeNs(BigInt(Math.round(value * 1000)), isRaw);
  return isRaw ? String(Math.trunc(value)) : formatCount(value);
}

function formatBar(stars: number): string {
  return `|${'*'.repeat(stars).padEnd(BAR_COLUMNS)}|`;
}

function findBounds(values: readonly number[]): readonly [number, number] {
  return [
    values.reduce((low, value) => Math.min(low, value), Infinity),
    values.reduce((high, value) => Math.max(high, value), -Infinity),
  ];
}

/** Bytes by ten ranges of equal width, from the lowest value to the highest. */
export function formatSizeHistogram(
  { regions }: AccessView,
  by: AccessMeasure,
  isRaw: boolean,
): string {
  const title = by === 'recency' ? `idle time (${isRaw ? 'ns' : 'us'})` : 'temperature';
  const heading = `<${title}> <total size>\n`;
  if (regions.length === 0) return heading;
  const [low, high] = findBounds(regions.map((region) => measure(region, by)));
  const width = Math.max(Math.ceil((high + 1 - low) / NR_RANGES), 1);
  const sizes = new Float64Array(NR_RANGES);
  for (const region of regions) {
    const range = Math.min(Math.floor((measure(region, by) - low) / width), NR_RANGES - 1);
    sizes[range] = (sizes[range] ?? 0) + region.bytes;
  }
  const [smallest, largest] = findBounds([...sizes]);
  const perStar = Math.max(Math.trunc((largest - smallest) / BAR_COLUMNS), 1);
  const rows = [...sizes].map((size, range) => ({
    range: `[${formatMeasure(low + range * width, by, isRaw)}, ${formatMeasure(low + (range + 1) * width, by, isRaw)})`,
    size: formatSize(BigInt(size), isRaw),
    bar: formatBar(Math.min(Math.ceil((size - smallest) / perStar), BAR_COLUMNS)),
  }));
  const [rangeWidth, sizeWidth] = [
    Math.max(...rows.map(({ range }) => range.length)),
    Math.max(...rows.map(({ size }) => size.length)),
  ];
  return (
    heading +
    rows
      .map(
        ({ range, size, bar }) => `${range.padEnd(rangeWidth)} ${size.padEnd(sizeWidth)} ${bar}\n`,
      )
      .join('')
  );
}

/** The value of the byte at each percentile, when all bytes stand in ascending order. */
function listBytePercentiles(regions: readonly AccessRegion[], by: AccessMeasure): number[] {
  const sorted = regions.toSorted((a, b) => measure(a, by) - measure(b, by));
  const total = sorted.reduce((sum, { bytes }) => sum + bytes, 0);
  return PERCENTILES.map((percentile) => {
    let sum = 0;
    const found = sorted.find(({ bytes }) => {
      sum += bytes;
      return (sum * 100) / total >= percentile;
    });
    const region = percentile === 100 ? sorted.at(-1) : found;
    return region === undefined ? 0 : measure(region, by);
  });
}

export function formatAccessPercentiles(
  { regions }: AccessView,
  by: AccessMeasure,
  isRaw: boolean,
): string {
  const heading = `# total ${by} percentiles\n<percentile> <${by === 'recency' ? 'idle time' : by}>\n`;
  if (regions.length === 0) return heading;
  const values = listBytePercentiles(regions, by);
  const [low, high] = findBounds(values);
  const perStar = (high - low) / BAR_COLUMNS;
  const texts = values.map((value) => formatMeasure(value, by, isRaw));
  const width = Math.max(...texts.map((text) => text.length));
  const rows = values.map((value, index) => {
    const stars = perStar === 0 ? 0 : Math.trunc((value - low) / perStar);
    const percentile = String(PERCENTILES[index]).padStart(3);
    return `${percentile}  ${(texts[index] ?? '').padStart(width)}  ${formatBar(stars)}\n`;
  });
  return heading + rows.join('');
}
