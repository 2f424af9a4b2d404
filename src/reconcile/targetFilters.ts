import type { FilterSpec, SchemeSpec } from '../damon/spec.ts';

/** Which targets of the kernel each configured target has become, by place; empty while it waits. */
export type TargetPlaces = readonly (readonly number[])[];

/**
 * What filters that speak of the given target, or of all others, are to the kernel, whose targets
 * have other places. The last filter of a list also says what becomes of memory that none speaks of:
 * so there always is one, if need be about a target that does not exist.
 */
function placeFilter(filter: FilterSpec, places: TargetPlaces, nrTargets: number): FilterSpec[] {
  if (filter.targetIndex === undefined) return [filter];
  const own = places[filter.targetIndex] ?? [];
  const [only = nrTargets] = own;
  if (own.length <= 1) return [{ ...filter, targetIndex: only }];
  const all = Array.from({ length: nrTargets }, (_, place) => place);
  const spokenOf = filter.isMatching ? own : all.filter((place) => !own.includes(place));
  const told = spokenOf.length === 0 ? [nrTargets] : spokenOf;
  return told.map((targetIndex) => ({ ...filter, isMatching: true, targetIndex }));
}

/** Makes filters by target speak of the configured target, wherever its processes are now. */
export function placeTargetFilters(
  scheme: SchemeSpec,
  places: TargetPlaces,
  nrTargets: number,
): SchemeSpec {
  const place = (filters: readonly FilterSpec[]): readonly FilterSpec[] =>
    filters.flatMap((filter) => placeFilter(filter, places, nrTargets));
  const { filters, coreFilters } = scheme;
  return {
    ...scheme,
    ...(filters && { filters: place(filters) }),
    ...(coreFilters && { coreFilters: place(coreFilters) }),
  };
}
