import { toSafeNumber } from '../base/uint64.ts';
import { parseTime } from '../base/units.ts';
import { parseAscending } from './parseAscending.ts';

/** Idle times that are told where no others are asked for. */
export const DEFAULT_COLD_AGES = '30s,2m,10m,1h';

/** From here on nearly nothing is cold that was not cold before. */
const MAX_COLD_MS = 366 * 86_400_000;

function parseColdUs(text: string, option: string): number {
  const ms = toSafeNumber(parseTime(text, 'ms', option), option);
  if (ms < 1 || ms > MAX_COLD_MS) {
    throw new RangeError(`${option}: found "${text}", expected 1 ms to 366 days`);
  }
  return ms * 1000;
}

/**
 * Idle times such as "30s,2m", in microseconds; a bare number is in milliseconds.
 *
 * @throws RangeError
 */
export function parseColdAges(text: string, option: string): number[] {
  return parseAscending(text, option, parseColdUs);
}
