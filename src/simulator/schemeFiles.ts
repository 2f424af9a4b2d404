import type { Kdamond } from './kdamond.ts';
import type { WalkedRegion } from './kdamondRequests.ts';
import { StaticDir, createTextFile } from './kernelNode.ts';
import type { KernelNode } from './kernelNode.ts';
import type { KernelModel } from './kernelModel.ts';
import type { StagedDir } from './stagedDir.ts';

/** Copies the running schemes' counters into `stats/*`, by index. */
export function showSchemeStats(context: StagedDir, kdamond: Kdamond): void {
  context.numbered('schemes').forEach((scheme, index) => {
    const counters = kdamond.schemes[index]?.counters;
    const show = (name: string, value: bigint | undefined): void => {
      scheme.set(`stats/${name}`, (value ?? 0n).toString());
    };
    show('nr_tried', counters?.nrTried);
    show('sz_tried', counters?.triedBytes);
    show('nr_applied', counters?.nrApplied);
    show('sz_applied', counters?.appliedBytes);
    show('sz_ops_filter_passed', counters?.filterPassedBytes);
    show('qt_exceeds', counters?.quotaExceeds);
    show('nr_snapshots', counters?.nrSnapshots);
  });
}

/** Removes the region directories; `total_bytes` becomes 0. */
export function clearTriedRegions(scheme: StagedDir): void {
  const dir = scheme.dir('tried_regions');
  for (const name of dir.names()) if (name !== 'total_bytes') dir.entries.delete(name);
  dir.set('total_bytes', '0');
}

export interface TriedRegionsView {
  /** False: only `total_bytes`. */
  readonly isWithRegions: boolean;
  readonly model: KernelModel;
}

/** Replaces the contents of `tried_regions`. */
export function showTriedRegions(
  scheme: StagedDir,
  regions: readonly WalkedRegion[],
  { isWithRegions, model }: TriedRegionsView,
): void {
  clearTriedRegions(scheme);
  const dir = scheme.dir('tried_regions');
  let totalBytes = 0;
  regions.forEach((region, index) => {
    totalBytes += region.end - region.start;
    if (!isWithRegions) return;
    const name = model.numbersRegionsPerScheme ? index : region.number;
    dir.entries.set(String(name), createRegionDir(region, model));
  });
  dir.set('total_bytes', String(totalBytes));
}

function createRegionDir(region: WalkedRegion, model: KernelModel): StaticDir {
  const dir = new StaticDir();
  const show = (name: string, value: number): void => {
    dir.entries.set(
      name,
      createTextFile(() => `${value}\n`, 0o400),
    );
  };
  show('start', region.start);
  show('end', region.end);
  show('nr_accesses', region.nrAccesses);
  show('age', region.age);
  if (model.has('ops_filter_passed')) show('sz_filter_passed', region.filterPassedBytes);
  if (model.has('probes')) dir.entries.set('probes', createProbesDir(region.probeHits));
  return dir;
}

function createProbesDir(hits: readonly number[]): KernelNode {
  const probes = new StaticDir();
  hits.forEach((count, index) => {
    const file = createTextFile(() => `${count}\n`, 0o400);
    probes.entries.set(String(index), new StaticDir({ hits: file }));
  });
  return probes;
}
