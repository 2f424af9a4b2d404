import type { FilterConfig } from './contextConfig.ts';
import type { MonitoredSpace } from './monitoredSpace.ts';
import { PAGE_BYTES, alignDown } from './regionSet.ts';
import type { RegionSet } from './regionSet.ts';
import type { Scheme, TriedRegion } from './scheme.ts';
import { findFilterEdge, regionFilterPasses } from './schemeFilter.ts';

/** One target as schemes see it. */
export interface SchemeTarget {
  readonly space: MonitoredSpace;
  readonly regions: RegionSet;
}

/** Who is told about each region a scheme is tried on. */
export interface SchemeObserver {
  beforeApply(schemeIndex: number, targetIndex: number, regionIndex: number): void;
  /** Whether anybody wants to hear of tried regions: most of the time nobody does. */
  readonly isCollecting: boolean;
  tried(schemeIndex: number, region: TriedRegion): void;
}

export interface SchemeRun {
  readonly schemes: readonly Scheme[];
  readonly targets: readonly SchemeTarget[];
  readonly nowUs: number;
  readonly maxNrAccesses: number;
  readonly nrProbes: number;
  readonly observer: SchemeObserver;
  readonly isDue: (scheme: Scheme) => boolean;
}

/** Applies every scheme whose time has come, region by region; regions may be split by quotas. */
export function applySchemes(run: SchemeRun): void {
  const due = run.schemes.filter(run.isDue);
  if (due.length === 0) return;
  const regionSets = run.targets.map(({ regions }) => regions);
  for (const scheme of due) {
    scheme.adjustQuota(run.nowUs);
    scheme.prioritise(regionSets, run.maxNrAccesses);
  }
  run.targets.forEach(({ regions }, targetIndex) => {
    for (let i = 0; i < regions.count; i++) {
      for (const scheme of due) applyToRegion(run, scheme, targetIndex, i);
    }
  });
  for (const scheme of due) scheme.counters.nrSnapshots++;
}

function applyToRegion(run: SchemeRun, scheme: Scheme, targetIndex: number, index: number): void {
  const target = run.targets[targetIndex];
  if (target === undefined) return;
  const { regions, space } = target;
  const remaining = scheme.remainingBytes();
  if (remaining === 0 || !scheme.matches(regions, index)) return;
  if (!scheme.isPriority(regions, index, run.maxNrAccesses)) return;
  if (!passesCoreFilters(regions, index, targetIndex, scheme.coreFilters)) return;
  if (!fitIntoQuota(regions, index, remaining)) return;

  const { columns } = regions;
  const range = { start: columns.start[index] ?? 0, end: columns.end[index] ?? 0 };
  const schemeIndex = run.schemes.indexOf(scheme);
  run.observer.beforeApply(schemeIndex, targetIndex, index);
  const { action } = scheme.config;
  const { appliedBytes, filterPassedBytes } = space.apply(action, range, scheme.opsFilters);
  const bytes = range.end - range.start;
  scheme.charge(bytes);
  if (run.observer.isCollecting) {
    run.observer.tried(schemeIndex, {
      ...range,
      nrAccesses: Math.floor((columns.nrAccessesBp[index] ?? 0) / 10_000),
      age: columns.age[index] ?? 0,
      filterPassedBytes,
      probeHits: regions.probeHitsOf(index, run.nrProbes),
    });
  }
  if (action !== 'stat') columns.age[index] = 0;
  scheme.count(bytes, appliedBytes, filterPassedBytes);
}

function passesCoreFilters(
  regions: RegionSet,
  index: number,
  targetIndex: number,
  coreFilters: readonly FilterConfig[],
): boolean {
  if (coreFilters.length === 0) return true;
  const range = { start: regions.columns.start[index] ?? 0, end: regions.columns.end[index] ?? 0 };
  const edge = findFilterEdge(range, coreFilters);
  if (edge !== undefined) {
    regions.splitAt(index, edge);
    range.end = edge;
  }
  return regionFilterPasses(range, targetIndex, coreFilters);
}

/** Cuts the region to what the quota still allows; false = not even a page. */
function fitIntoQuota(regions: RegionSet, index: number, remaining: number | undefined): boolean {
  if (remaining === undefined) return true;
  const start = regions.columns.start[index] ?? 0;
  if ((regions.columns.end[index] ?? 0) - start <= remaining) return true;
  if (remaining < PAGE_BYTES) return false;
  regions.splitAt(index, start + alignDown(remaining));
  return true;
}
