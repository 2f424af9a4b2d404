import type { HeatMatrix } from '../heatmap/heatMatrix.ts';
import { computeAddressTicks, computeByteTicks, computeTimeTicks } from './axisTicks.ts';
import type { AxisTicks } from './axisTicks.ts';

export interface HeatmapChart {
  readonly matrix: HeatMatrix;
  /** As in "target 42 (memtier), kdamond 0". */
  readonly targetName: string;
  /** Of the file, for the subtitle. */
  readonly recordName: string;
  /**
   * Start of the record: relative times count from here. Undefined: they count from the start of the
   * matrix.
   */
  readonly recordStartNs: bigint | undefined;
  /** Time of day (where the record tells it, else the record's clock) instead of time since start. */
  readonly isAbsTime: boolean;
  /** Addresses instead of offsets from the lowest. */
  readonly isAbsAddr: boolean;
}

/**
 * Both axes with their names. Positions are seconds and bytes from the matrix's corner: times since
 * 1970 and high addresses would leave a number no digits for what is between.
 */
export interface HeatmapAxes {
  readonly time: AxisTicks;
  readonly timeName: string;
  readonly lengthSeconds: number;
  /** What the time axis calls its beginning. */
  readonly startSeconds: number;
  readonly address: AxisTicks;
  readonly addressName: string;
  readonly sizeBytes: number;
}

function toSeconds(timeNs: bigint): number {
  return Number(timeNs) / 1e9;
}

/** Hours, minutes and as many decimals of the seconds as are needed; UTC. */
function formatTimeOfDay(seconds: number, stepSeconds: number): string {
  const text = new Date(Math.round(seconds * 1e3)).toISOString();
  return stepSeconds >= 1 ? text.slice(11, 19) : text.slice(11, 23);
}

export type TimeAxis = Pick<HeatmapAxes, 'time' | 'timeName' | 'lengthSeconds' | 'startSeconds'>;

function countFrom(startSeconds: number, { positions, unit, formatTick }: AxisTicks): AxisTicks {
  return {
    positions: positions.map((at) => at - startSeconds),
    unit,
    formatTick: (at) => formatTick(at + startSeconds),
  };
}

function placeRecordTime(chart: HeatmapChart, lengthSeconds: number, nrWanted: number): TimeAxis {
  const { isAbsTime, recordStartNs, matrix } = chart;
  const zeroNs = isAbsTime ? 0n : (recordStartNs ?? matrix.timeRange.startNs);
  const start = toSeconds(matrix.timeRange.startNs - zeroNs);
  const end = start + lengthSeconds;
  // These labels are short: a small picture has room for them, too.
  const time = computeTimeTicks({ start, end, nrWanted: Math.max(nrWanted, 4) });
  const since = recordStartNs === undefined ? 'this range' : 'the record';
  const name = isAbsTime ? "Time on the record's clock" : `Time since the start of ${since}`;
  const timeName = `${name} (${time.unit})`;
  return { time: countFrom(start, time), timeName, lengthSeconds, startSeconds: start };
}

/** From seconds since 1970: marks at round times of day. */
export function placeTimeOfDay(start: number, lengthSeconds: number, nrWanted: number): TimeAxis {
  const end = start + lengthSeconds;
  // Times since 1970 would be counted in days: the length chooses the steps.
  const steps = computeTimeTicks({ start: 0, end: lengthSeconds, nrWanted }).positions;
  const step = (steps[1] ?? lengthSeconds) - (steps[0] ?? 0);
  const first = Math.ceil(start / step - 1e-9);
  const length = Math.floor(end / step + 1e-9) - first + 1;
  const date = new Date(start * 1e3).toISOString().slice(0, 10);
  const time = {
    positions: Array.from({ length }, (_, index) => (first + index) * step),
    unit: '',
    formatTick: (at: number) => formatTimeOfDay(at, step),
  };
  const timeName = `Time of day (UTC, from ${date})`;
  return { time: countFrom(start, time), timeName, lengthSeconds, startSeconds: start };
}

/** Marks of times of day have milliseconds. */
const MIN_DAY_SECONDS = 0.01;

/** Of the year 9999, in seconds: later times of day come from damaged records. */
const MAX_WALL_SECONDS = 253_402_300_799;

/** `nrWanted`: marks there is room for. */
export function placeTime(chart: HeatmapChart, nrWanted: number): TimeAxis {
  const { timeRange, clockBase } = chart.matrix;
  const lengthSeconds = toSeconds(timeRange.endNs - timeRange.startNs);
  if (chart.isAbsTime && clockBase !== undefined && lengthSeconds >= MIN_DAY_SECONDS) {
    const start = clockBase.wallMs / 1e3 + toSeconds(timeRange.startNs - clockBase.recordNs);
    const isPlausible = start >= 0 && start + lengthSeconds < MAX_WALL_SECONDS;
    if (isPlausible) return placeTimeOfDay(start, lengthSeconds, nrWanted);
  }
  return placeRecordTime(chart, lengthSeconds, nrWanted);
}

/** `nrWanted`: marks there is room for. */
export function placeAddresses(
  chart: HeatmapChart,
  nrWanted: number,
): Pick<HeatmapAxes, 'address' | 'addressName' | 'sizeBytes'> {
  const { startAddr, endAddr } = chart.matrix.addressRange;
  const sizeBytes = Number(endAddr - startAddr);
  if (chart.isAbsAddr) {
    const address = computeAddressTicks(startAddr, sizeBytes, nrWanted);
    return { address, addressName: 'Address', sizeBytes };
  }
  const address = computeByteTicks({ start: 0, end: sizeBytes, nrWanted });
  const addressName = `Address, offset from 0x${startAddr.toString(16)} (${address.unit})`;
  return { address, addressName, sizeBytes };
}
