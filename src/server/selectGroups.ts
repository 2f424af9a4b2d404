import { UsageError } from '../base/errors.ts';
import { FAMILY_GROUPS } from '../metrics/families.ts';
import type { FamilyGroup } from '../metrics/families.ts';

const ONLY = 'collect[]';
const ALL_BUT = 'exclude[]';

/**
 * The groups of metrics a request asks for with `collect[]=NAME` or `exclude[]=NAME`, both
 * repeatable; without them all. Other parameters are let pass: scrapers add their own.
 *
 * @throws UsageError
 */
export function selectGroups(query: URLSearchParams): readonly FamilyGroup[] {
  const wanted = query.getAll(ONLY);
  const unwanted = query.getAll(ALL_BUT);
  if (wanted.length === 0 && unwanted.length === 0) return FAMILY_GROUPS;
  if (wanted.length > 0 && unwanted.length > 0) {
    throw new UsageError(`found both ${ONLY} and ${ALL_BUT}, expected one of them`);
  }
  const names = FAMILY_GROUPS.map(({ name }) => name);
  const unknown = [...wanted, ...unwanted].find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `there is no group of metrics ${JSON.stringify(unknown)}, expected ${names.join(', ')}`,
    );
  }
  return FAMILY_GROUPS.filter(({ name }) =>
    wanted.length > 0 ? wanted.includes(name) : !unwanted.includes(name),
  );
}
