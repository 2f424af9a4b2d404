import { parseTime } from '../../base/units.ts';

const DAY_MS = 86_400_000;

/**
 * Milliseconds of a time such as "15s". Up to a day: the longest delay a timer takes is 24.8 days,
 * and a longer one would not wait at all.
 *
 * @throws RangeError
 */
export function parseMs(text: string, option: string, minMs: number): number {
  const ms = parseTime(text, 'ms', option);
  if (ms < BigInt(minMs) || ms > BigInt(DAY_MS)) {
    throw new RangeError(`${option}: found "${text}", expected ${minMs} ms to 1 day`);
  }
  return Number(ms);
}
