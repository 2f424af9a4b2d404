import type { ReadRange, RecordedSnapshot } from './recording.ts';

/** Whether any moment of the snapshot lies in the range. */
export function isInRange(
  { startNs, endNs }: Pick<RecordedSnapshot, 'startNs' | 'endNs'>,
  range: ReadRange,
): boolean {
  if (range.endNs !== undefined && startNs >= range.endNs) return false;
  return range.startNs === undefined || endNs > range.startNs || startNs >= range.startNs;
}
