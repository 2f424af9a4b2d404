import { ULONG_MAX } from './uint64.ts';

/**
 * Text forms damo's users know, digit for digit. Where Python rounds an exact tie to the even
 * neighbour JavaScript's toFixed rounds up, so 21.3125 needs its own rounding.
 */

/** A fixed number of decimals, exact ties to even. */
function formatFixed(value: number, decimals: number): string {
  // A binary fraction is a tie at d decimals exactly when it is an odd multiple of 2^-(d+1).
  const halves = value * 2 ** (decimals + 1);
  if (!Number.isInteger(halves) || halves % 2 === 0) return value.toFixed(decimals);
  const scale = 10 ** decimals;
  const below = Math.floor(value * scale);
  const even = below % 2 === 0 ? below : below + 1;
  return (even / scale).toFixed(decimals);
}

/** Digits in groups of three with commas. */
export function formatCount(value: bigint | number): string {
  const whole = typeof value === 'bigint' ? value : BigInt(Math.trunc(value));
  return whole.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

function formatQuotientFixed3(numerator: bigint, shift: bigint): string {
  const scaled = numerator * 1000n;
  const floor = scaled >> shift;
  const twiceRest = (scaled - (floor << shift)) * 2n;
  const one = 1n << shift;
  const isUp = twiceRest > one || (twiceRest === one && floor % 2n === 1n);
  const thousandths = (isUp ? floor + 1n : floor).toString().padStart(4, '0');
  return `${thousandths.slice(0, -3)}.${thousandths.slice(-3)}`;
}

const SIZE_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'] as const;

/**
 * A size with three decimals in the largest unit it *exceeds*: 1 MiB exactly is "1024.000 KiB".
 * 2^64-1 is "max"; raw gives plain digits.
 */
export function formatSize(bytes: bigint, isRaw = false): string {
  if (isRaw) return bytes.toString();
  if (bytes === ULONG_MAX) return 'max';
  let power = 0;
  while (power < SIZE_UNITS.length - 1 && bytes > 1n << BigInt((power + 1) * 10)) power += 1;
  if (power === 0) return `${bytes.toString()} B`;
  return `${formatQuotientFixed3(bytes, BigInt(power * 10))} ${SIZE_UNITS[power] ?? ''}`;
}

const NS_PER_SECOND = 1_000_000_000n;

const SUB_MINUTE_UNITS = [
  [NS_PER_SECOND, 's'],
  [1_000_000n, 'ms'],
  [1_000n, 'us'],
] as const;

/** A time in the largest units it reaches: "1 h 1 m 1.000 s", "104.599 ms", "300 ns". No days. */
export function formatTimeNs(timeNs: bigint, isRaw = false): string {
  if (isRaw) return timeNs.toString();
  if (timeNs >= ULONG_MAX) return 'max';
  if (timeNs < 0n) return `-${formatTimeNs(-timeNs)}`;
  const hour = 3600n * NS_PER_SECOND;
  if (timeNs >= hour) {
    const rest = timeNs % hour;
    const hours = `${(timeNs / hour).toString()} h`;
    return rest === 0n ? hours : `${hours} ${formatTimeNs(rest)}`;
  }
  const minute = 60n * NS_PER_SECOND;
  if (timeNs >= minute) {
    const rest = timeNs % minute;
    const minutes = `${(timeNs / minute).toString()} m`;
    if (rest === 0n) return minutes;
    const isWhole = rest % NS_PER_SECOND === 0n;
    return `${minutes} ${isWhole ? (rest / NS_PER_SECOND).toString() : formatFixed(Number(rest) / 1e9, 3)} s`;
  }
  for (const [unitNs, name] of SUB_MINUTE_UNITS) {
    if (timeNs < unitNs) continue;
    if (timeNs % unitNs === 0n) return `${(timeNs / unitNs).toString()} ${name}`;
    return `${formatFixed(Number(timeNs) / Number(unitNs), 3)} ${name}`;
  }
  return `${timeNs.toString()} ns`;
}

const SHORT_UNITS_US = [
  [86_400_000_000, 'd'],
  [3_600_000_000, 'h'],
  [60_000_000, 'm'],
  [1_000_000, 's'],
  [1_000, 'ms'],
] as const;

/** A time as people type it, in the largest unit that leaves no rest: "2m", "90s", "0s". */
export function formatTimeShort(timeUs: number): string {
  if (timeUs === 0) return '0s';
  const [unitUs, unit] = SHORT_UNITS_US.find(([us]) => timeUs % us === 0) ?? [1, 'us'];
  return `${timeUs / unitUs}${unit}`;
}

/** An access rate: three decimals below 10, whole and grouped from there. */
export function formatHz(hz: number, isRaw = false): string {
  if (isRaw) return formatFixed(hz, 6);
  return hz > 0 && hz < 10 ? `${formatFixed(hz, 3)} hz` : `${formatCount(hz)} hz`;
}

/** A percentage: whole part grouped, up to seven decimals without trailing zeros. */
export function formatPercent(percent: number, isRaw = false): string {
  if (isRaw) return formatFixed(percent, 6);
  const [whole = '0', fraction = ''] = percent.toFixed(7).split('.');
  const decimals = fraction.replace(/0+$/, '');
  return `${formatCount(BigInt(whole))}${decimals === '' ? '' : `.${decimals}`} %`;
}
