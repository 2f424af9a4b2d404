import { formatSize } from '../base/format.ts';
import { ULONG_MAX } from '../base/uint64.ts';
import type { Uint64Range } from '../damon/spec.ts';

/** Quantities as people say them: exact, in the largest unit that needs no fraction. */

const TIME_UNITS = [
  [3_600_000_000n, 'h'],
  [60_000_000n, 'min'],
  [1_000_000n, 's'],
  [1000n, 'ms'],
] as const;

const SIZE_PREFIXES = 'BKMGTPE';

export function sayTime(us: bigint): string {
  const unit = us === 0n ? undefined : TIME_UNITS.find(([unitUs]) => us % unitUs === 0n);
  return unit === undefined ? `${us} us` : `${us / unit[0]} ${unit[1]}`;
}

export function saySize(bytes: bigint): string {
  const text = formatSize(bytes);
  // "1024.000 KiB" is how damo writes 1 MiB.
  const full = /^1024(?:\.000)? (.)/.exec(text)?.[1];
  if (full !== undefined) return `1 ${SIZE_PREFIXES.charAt(SIZE_PREFIXES.indexOf(full) + 1)}iB`;
  return text.replace(/(\.\d*?)0+ /, '$1 ').replace('. ', ' ');
}

export function sayPercent(share: number): string {
  return `${Number((share * 100).toFixed(3))} %`;
}

/** "from 2 to 4", "2 or more", "up to 4"; undefined for anything at all. */
export function sayRange(
  { min, max }: Uint64Range,
  least: bigint,
  say: (value: bigint) => string,
): string | undefined {
  if (min <= least) return max === ULONG_MAX ? undefined : `up to ${say(max)}`;
  if (max === ULONG_MAX) return `${say(min)} or more`;
  return min === max ? say(min) : `${say(min)} to ${say(max)}`;
}

export function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
