/**
 * Where an axis is marked and how the marks read. Positions are in the axis's base unit (seconds,
 * bytes, …); labels are plain numbers in `unit`, which stands once in the axis's name.
 */
export interface AxisTicks {
  readonly positions: readonly number[];
  readonly unit: string;
  readonly formatTick: (position: number) => string;
}

export interface AxisSpan {
  readonly start: number;
  readonly end: number;
  /** About how many marks there is room for. */
  readonly nrWanted: number;
}

interface Unit {
  readonly name: string;
  readonly size: number;
  /** How much of a unit a span must be: nobody counts milliseconds in 1/3,600,000 hours. */
  readonly leastSpan: number;
}

const TIME_UNITS: readonly Unit[] = [
  { name: 'd', size: 86_400, leastSpan: 2 },
  { name: 'h', size: 3_600, leastSpan: 2 },
  { name: 'min', size: 60, leastSpan: 2 },
  { name: 's', size: 1, leastSpan: 0.01 },
  { name: 'ms', size: 1e-3, leastSpan: 0.01 },
  { name: 'us', size: 1e-6, leastSpan: 0.01 },
  { name: 'ns', size: 1e-9, leastSpan: 0 },
];

const BYTE_UNITS: readonly Unit[] = ['EiB', 'PiB', 'TiB', 'GiB', 'MiB', 'KiB', 'B'].map(
  (name, index) => ({ name, size: 1024 ** (6 - index), leastSpan: 0.01 }),
);

/** Round numbers of minutes or seconds are those of a clock, of hours those of a day. */
const CLOCK_STEPS: Readonly<Record<string, readonly number[]>> = {
  s: [1, 2, 5, 10, 15, 20, 30, 60, 120],
  min: [1, 2, 5, 10, 15, 20, 30, 60, 120],
  h: [1, 2, 3, 4, 6, 12, 24, 48],
};

/** The smallest of 1, 2, 5, 10, … that is not below `least`. */
function roundUpDecimal(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  // Floating point makes 0.1 * 10 a little less than 1: without slack 1 would become 2.
  const factor = [1, 2, 5, 10].find((candidate) => candidate * power >= least * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function roundUpTime(least: number, unit: string): number {
  const clock = least >= 1 ? CLOCK_STEPS[unit]?.find((step) => step >= least) : undefined;
  return clock ?? roundUpDecimal(least);
}

/** Part of the axis that is less than a pixel: a target seen 40 us after the first still begins at 0. */
const UNSEEN_SHARE = 5e-4;

function listMultiples({ start, end }: AxisSpan, step: number): number[] {
  const slack = Math.max(step * 1e-6, (end - start) * UNSEEN_SHARE);
  const first = Math.ceil((start - slack) / step);
  const last = Math.floor((end + slack) / step);
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) =>
    Math.min(Math.max((first + index) * step, start), end),
  );
}

/** The largest unit of which the axis has at least two. */
function chooseUnit(units: readonly Unit[], { start, end }: AxisSpan): Unit {
  const magnitude = Math.max(Math.abs(start), Math.abs(end));
  const suits = ({ size, leastSpan }: Unit): boolean =>
    magnitude >= size * 2 && end - start >= size * leastSpan;
  return units.find(suits) ?? units.at(-1) ?? { name: '', size: 1, leastSpan: 0 };
}

/** As many decimals as the step has, and digits grouped by thousands. */
function formatStepped(value: number, step: number): string {
  const decimals = Math.min(Math.max(Math.ceil(-Math.log10(step) - 1e-9), 0), 9);
  const text = (value === 0 ? 0 : value).toFixed(decimals);
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** The span is in seconds. */
export function computeTimeTicks(span: AxisSpan): AxisTicks {
  const unit = chooseUnit(TIME_UNITS, span);
  const step = roundUpTime((span.end - span.start) / unit.size / span.nrWanted, unit.name);
  return {
    positions: listMultiples(span, step * unit.size),
    unit: unit.name,
    formatTick: (position) => formatStepped(position / unit.size, step),
  };
}

/** The smallest power of two that leaves no more than the wanted number of steps in the span. */
function roundUpBinary(bytes: number): number {
  return 2 ** Math.max(Math.ceil(Math.log2(bytes) - 1e-9), 0);
}

/** The span is in bytes. */
export function computeByteTicks(span: AxisSpan): AxisTicks {
  const unit = chooseUnit(BYTE_UNITS, span);
  const step = roundUpBinary((span.end - span.start) / span.nrWanted);
  return {
    positions: listMultiples(span, step),
    unit: unit.name,
    // Powers of two have short exact decimals: 0.25, 1.5.
    formatTick: (position) => {
      const marked = Math.round(position / step) * step;
      return String(Number((marked / unit.size).toFixed(6)));
    },
  };
}

/** Positions are offsets in bytes from `startAddr`; marks stand at round absolute addresses. */
export function computeAddressTicks(
  startAddr: bigint,
  sizeBytes: number,
  nrWanted: number,
): AxisTicks {
  const step = BigInt(roundUpBinary(sizeBytes / nrWanted));
  const positions: number[] = [];
  const first = ((startAddr + step - 1n) / step) * step - startAddr;
  for (let at = first; at <= BigInt(Math.round(sizeBytes)); at += step) positions.push(Number(at));
  return {
    positions,
    unit: '',
    formatTick: (position) => `0x${(startAddr + BigInt(Math.round(position))).toString(16)}`,
  };
}

/** Plain numbers, such as accesses per second. */
export function computeNumberTicks(span: AxisSpan): AxisTicks {
  const step = roundUpDecimal((span.end - span.start) / span.nrWanted);
  return {
    positions: listMultiples(span, step),
    unit: '',
    formatTick: (position) => formatStepped(position, step),
  };
}
