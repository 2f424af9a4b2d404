import { formatCount, formatSize } from '../../base/format.ts';
import { ULONG_MAX } from '../../base/uint64.ts';

/**
 * How numbers are written into damo's JSON. Every text is read back as the same number, by this
 * program and by damo, which computes in doubles where a number has a unit.
 */
export interface NumberTexts {
  /** Sizes: `2.000 MiB`, or `1,234,567` where that would be rounded. */
  readonly size: (bytes: bigint) => string;
  /** Times of a file in microseconds: `1 s 234 ms`. */
  readonly timeUs: (timeUs: bigint) => string;
  /** Times of a file in milliseconds. */
  readonly timeMs: (timeMs: bigint) => string;
  readonly permil: (permil: number) => string;
  readonly bp: (bp: number) => string;
  readonly count: (count: bigint) => string;
}

/** Above this a double may not hold the number of nanoseconds. */
const EXACT_NS = 1n << 53n;

const TIME_UNITS = [
  [3_600_000_000_000n, 'h'],
  [60_000_000_000n, 'm'],
  [1_000_000_000n, 's'],
  [1_000_000n, 'ms'],
  [1_000n, 'us'],
] as const;

function formatUnits(timeNs: bigint): string {
  let rest = timeNs;
  const parts: string[] = [];
  for (const [unitNs, name] of TIME_UNITS) {
    if (rest >= unitNs) parts.push(`${(rest / unitNs).toString()} ${name}`);
    rest %= unitNs;
  }
  return parts.join(' ');
}

function formatTime(value: bigint, unitNs: bigint): string {
  if (value === ULONG_MAX) return 'max';
  if (value === 0n) return '0 ns';
  return value * unitNs < EXACT_NS ? formatUnits(value * unitNs) : formatCount(value);
}

/** Three decimals are exact for eighths of the unit and nothing finer. */
function formatExactSize(bytes: bigint): string {
  const nrBits = bytes === 0n ? 0 : (bytes - 1n).toString(2).length;
  const unit = 1n << BigInt(10 * Math.floor(Math.max(0, nrBits - 1) / 10));
  const isExact = bytes === ULONG_MAX || (bytes * 8n) % unit === 0n;
  return isExact ? formatSize(bytes) : formatCount(bytes);
}

/** damo divides and multiplies a percentage again: only whole ones survive that. */
function formatShare(value: number, perPercent: number): string {
  const percent = value / perPercent;
  const isExact =
    Number.isInteger(percent) && (percent / 100) * (100 * perPercent) === value && percent <= 100;
  return isExact ? `${percent} %` : formatCount(value);
}

/** For people, where that is exact. */
export const HUMAN_TEXTS: NumberTexts = {
  size: formatExactSize,
  timeUs: (timeUs) => formatTime(timeUs, 1_000n),
  timeMs: (timeMs) => formatTime(timeMs, 1_000_000n),
  permil: (permil) => formatShare(permil, 10),
  bp: (bp) => formatShare(bp, 100),
  count: formatCount,
};

/** Plain digits in the unit of each key. damo's own raw form has other units and is not read back. */
export const RAW_TEXTS: NumberTexts = {
  size: String,
  timeUs: String,
  timeMs: String,
  permil: String,
  bp: String,
  count: String,
};
