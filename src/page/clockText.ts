import { placeTimeOfDay } from '../report/chart/heatmapAxes.ts';
import type { TimeAxis } from '../report/chart/heatmapAxes.ts';
import type { TimeWindow } from './heatWindow.ts';

/** Whose time of day is shown. */
export type Zone = 'local' | 'utc';

/** Seconds east of UTC. */
function offsetSeconds(zone: Zone, timeMs: number): number {
  return zone === 'utc' ? 0 : -60 * new Date(timeMs).getTimezoneOffset();
}

/** "14:03:09.250" with as many decimals as asked for. */
export function formatClock(timeMs: number, zone: Zone, decimals = 0): string {
  const shifted = new Date(timeMs + offsetSeconds(zone, timeMs) * 1e3).toISOString();
  return shifted.slice(11, decimals === 0 ? 19 : 20 + decimals);
}

/** "2026-03-01", the day there and then. */
export function formatDay(timeMs: number, zone: Zone): string {
  return new Date(timeMs + offsetSeconds(zone, timeMs) * 1e3).toISOString().slice(0, 10);
}

/** "UTC", "UTC+02:00". */
export function describeZone(zone: Zone, timeMs: number): string {
  const minutes = offsetSeconds(zone, timeMs) / 60;
  if (minutes === 0) return 'UTC';
  const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${two(size / 60)}:${two(size % 60)}`;
}

/** Marks at round times of day, as `report`'s heatmaps have them. */
export function placeClock(
  { startMs, endMs }: TimeWindow,
  zone: Zone,
  nrWanted: number,
): TimeAxis['time'] {
  const start = startMs / 1e3 + offsetSeconds(zone, endMs);
  return placeTimeOfDay(start, (endMs - startMs) / 1e3, nrWanted).time;
}
