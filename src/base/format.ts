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

const NS_PER_SECOND = 1e9;
const NS_PER_MINUTE = 60 * NS_PER_SECOND;
const NS_PER_HOUR = 60 * NS_PER_MINUTE;
const NS_PER_HOUR_BIG = BigInt(NS_PER_HOUR);

/** Three decimals, as formatFixed gives them for the quotient, in a fraction of the time. */
function formatThousandths(ns: number, unitNs: number): string {
  const scaled = ns * 1000;
  const floor = Math.floor(scaled / unitNs);
  const twiceRest = 2 * (scaled - floor * unitNs);
  // Half of a thousandth: which way it goes depends on the double next to the quotient.
  if (twiceRest === unitNs) return formatFixed(ns / unitNs, 3);
  const thousandths = twiceRest > unitNs ? floor + 1 : floor;
  const whole = Math.floor(thousandths / 1000);
  const fraction = thousandths - whole * 1000;
  return `${whole}.${fraction < 10 ? '00' : fraction < 100 ? '0' : ''}${fraction}`;
}

function formatInUnit(ns: number, unitNs: number): string {
  const whole = Math.floor(ns / unitNs);
  return whole * unitNs === ns ? String(whole) : formatThousandths(ns, unitNs);
}

/** Below an hour. */
function formatShortNs(ns: number): string {
  if (ns < 1e3) return `${ns} ns`;
  if (ns < 1e6) return `${formatInUnit(ns, 1e3)} us`;
  if (ns < NS_PER_SECOND) return `${formatInUnit(ns, 1e6)} ms`;
  if (ns < NS_PER_MINUTE) return `${formatInUnit(ns, NS_PER_SECOND)} s`;
  const minutes = Math.floor(ns / NS_PER_MINUTE);
  const rest = ns - minutes * NS_PER_MINUTE;
  return rest === 0 ? `${minutes} m` : `${minutes} m ${formatInUnit(rest, NS_PER_SECOND)} s`;
}

/** A time in the largest units it reaches: "1 h 1 m 1.000 s", "104.599 ms", "300 ns". No days. */
export function formatTimeNs(timeNs: bigint, isRaw = false): string {
  if (isRaw) return timeNs.toString();
  const ns = Number(timeNs);
  if (ns >= 0 && ns < NS_PER_HOUR) return formatShortNs(ns);
  if (timeNs >= ULONG_MAX) return 'max';
  if (ns < 0) return `-${formatTimeNs(-timeNs)}`;
  const hours = timeNs / NS_PER_HOUR_BIG;
  const rest = Number(timeNs - hours * NS_PER_HOUR_BIG);
  return rest === 0 ? `${hours.toString()} h` : `${hours.toString()} h ${formatShortNs(rest)}`;
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
