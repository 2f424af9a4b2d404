import { parseSafeInteger } from '../../base/uint64.ts';
import type { DamosArguments } from './damosOptions.ts';
import { splitWords } from './optionWords.ts';

/** The numbers of an option such as `--damos_nr_filters 1 2`. @throws RangeError naming it. */
export function parseNumbers(joined: string | undefined, what: string): number[] | undefined {
  if (joined === undefined) return undefined;
  return splitWords(joined).map((word) => {
    const number = parseSafeInteger(word, what);
    if (number < 0) throw new RangeError(`${what}: found "${word}", expected no less than 0`);
    return number;
  });
}

export interface Distribution {
  /** How many each group gets; may be left out where there is only one. */
  readonly counts: readonly number[] | undefined;
  readonly nrGroups: number;
  /** For messages: what is distributed, by which option, to what. */
  readonly items: string;
  readonly option: string;
  readonly group: string;
}

/**
 * Gives each group its share of what the command line lists in one row.
 *
 * @throws RangeError when the counts are missing, or do not add up.
 */
export function distribute<T>(items: readonly T[], distribution: Distribution): T[][] {
  const { nrGroups, option, group } = distribution;
  if (distribution.counts === undefined && nrGroups > 1 && items.length > 0) {
    throw new RangeError(
      `${option} is missing: how many ${distribution.items} each of the ${nrGroups} ${group}s has`,
    );
  }
  const counts = distribution.counts ?? Array.from({ length: nrGroups }, () => items.length);
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (counts.length !== nrGroups || total !== items.length) {
    throw new RangeError(
      `${option} ${counts.join(' ')}: found ${items.length} ${distribution.items} for ${nrGroups} ${group}${nrGroups === 1 ? '' : 's'}, expected one number for each ${group}, and ${total} in all`,
    );
  }
  let from = 0;
  return counts.map((count) => items.slice(from, (from += count)));
}

/**
 * Options whose n-th occurrence is for the n-th group have no more occurrences than groups.
 *
 * @param hint What makes a group.
 * @throws RangeError naming the option that has.
 */
export function checkOccurrences(
  args: DamosArguments,
  names: readonly (keyof DamosArguments)[],
  { nrGroups, group, hint }: Pick<Distribution, 'nrGroups' | 'group'> & { readonly hint: string },
): void {
  for (const name of names) {
    const given = args[name];
    const nrGiven = Array.isArray(given) ? given.length : 0;
    if (nrGiven <= nrGroups) continue;
    throw new RangeError(
      `--${name} is given ${nrGiven} times for ${nrGroups} ${group}${nrGroups === 1 ? '' : 's'}: ${hint}`,
    );
  }
}
