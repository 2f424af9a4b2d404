import type { Clock } from '../base/clock.ts';
import { KernelError, isKernelErrno } from '../base/errors.ts';
import type { SchemeState } from '../damon/kdamond.ts';
import type { RegionColumns } from '../damon/snapshot.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import { KDAMONDS, readKdamond, readRunState } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { writeState } from '../kernel/state.ts';
import type { Aggregation, SnapshotSource, SourceReading } from './source.ts';

export interface SysfsSourceOptions {
  readonly fs: KernelFs;
  readonly clock: Clock;
  readonly retry: BusyRetry;
  /** Regions are asked for this often: each time costs the kernel a directory per region. */
  readonly intervalMs: number;
  /** The kdamonds this exporter started: no other is ever written to. */
  readonly listOwnIndexes: () => ReadonlySet<number>;
}

const NO_READING: SourceReading = {
  aggregations: [],
  tunedSampleIntervals: [],
  lostEvents: 0,
  spoiledSnapshots: 0,
};

/** Splits at each address that goes backwards: the kernel lists target after target. */
function splitTargets(regions: RegionColumns): RegionColumns[] {
  const { probeHits } = regions;
  const parts: RegionColumns[] = [];
  let from = 0;
  for (let i = 1; i <= regions.count; i += 1) {
    const goesOn =
      i < regions.count && (regions.startAddr[i] ?? 0n) >= (regions.endAddr[i - 1] ?? 0n);
    if (goesOn) continue;
    parts.push({
      count: i - from,
      startAddr: regions.startAddr.slice(from, i),
      endAddr: regions.endAddr.slice(from, i),
      nrAccesses: regions.nrAccesses.slice(from, i),
      ageIntervals: regions.ageIntervals.slice(from, i),
      ...(probeHits && { probeHits: probeHits.map((hits) => hits.slice(from, i)) }),
    });
    from = i;
  }
  return parts;
}

/** The label of regions that cannot be told apart by target. */
const ALL_TARGETS = 'all';

/**
 * Tried regions carry no target. With one target there is nothing to tell; with several, the split
 * is taken when it gives exactly as many parts as there are targets.
 */
export function attributeToTargets(
  regions: RegionColumns,
  nrTargets: number,
): ReadonlyMap<string, RegionColumns> {
  if (nrTargets <= 1) return new Map([['0', regions]]);
  const parts = splitTargets(regions);
  if (parts.length !== nrTargets) return new Map([[ALL_TARGETS, regions]]);
  return new Map(parts.map((part, index) => [String(index), part]));
}

/** A scheme that reports everything and changes nothing. */
function isCatchAllStat({ action, accessPattern, quotas, ...scheme }: SchemeState): boolean {
  const { sizeBytes, nrAccesses, ageIntervals } = accessPattern;
  const nrFilters = [scheme.filters, scheme.coreFilters, scheme.opsFilters]
    .flat()
    .filter(Boolean).length;
  return (
    action === 'stat' &&
    nrFilters === 0 &&
    quotas.sizeBytes === 0n &&
    quotas.timeMs === 0n &&
    [sizeBytes, nrAccesses, ageIntervals].every(({ min, max }) => min === 0n && max > 0xffff_ffffn)
  );
}

/**
 * Snapshots through `tried_regions` of own kdamonds: one `state` write per kdamond and poll, which
 * blocks up to one apply interval in the kernel and nothing here.
 *
 * @throws KernelError when there is no kdamond of our own.
 */
export function openSysfsSource(options: SysfsSourceOptions): SnapshotSource {
  const { fs } = options;
  if (options.listOwnIndexes().size === 0) {
    throw new KernelError({
      operation: 'read regions from',
      path: fs.describePath(KDAMONDS),
      hint: 'needs a kdamond of its own, because it has to write to it: name a target to monitor (a process id, or paddr)',
    });
  }
  let dueNs = 0n;
  const pollAll = async (): Promise<SourceReading> => {
    const aggregations: Aggregation[] = [];
    for (const index of options.listOwnIndexes()) {
      aggregations.push(...(await readKdamondRegions(options, index)));
    }
    return { ...NO_READING, aggregations };
  };
  return {
    name: 'sysfs',
    poll: () => {
      const nowNs = options.clock.monotonicNs();
      if (nowNs < dueNs) return NO_READING;
      dueNs = nowNs + BigInt(options.intervalMs * 1_000_000);
      return pollAll();
    },
    close: () => undefined,
  };
}

async function readKdamondRegions(
  options: SysfsSourceOptions,
  index: number,
): Promise<Aggregation[]> {
  const { fs, retry, clock } = options;
  // One that ended with its last target has nothing to report, and that is not this source's failure.
  if (!(await isRunning(options, index))) return [];
  try {
    await writeState(fs, index, 'update_schemes_tried_regions', retry);
  } catch (error) {
    if (await isRunning(options, index)) throw error;
    return [];
  }
  const endNs = clock.monotonicNs();
  const read = { retry, withTriedRegions: true, lastRunStates: new Map<number, never>() };
  const { pid: kdamondPid, contexts } = await readKdamond(fs, index, read);
  const [context] = contexts;
  if (kdamondPid === undefined || context === undefined) return [];
  const scheme = context.schemes.find(isCatchAllStat);
  if (scheme === undefined) {
    throw new KernelError({
      operation: 'read regions from',
      path: fs.describePath(`${KDAMONDS}/${String(index)}`),
      hint: 'found no scheme that reports every region',
    });
  }
  const regions = scheme.triedRegions;
  // Another program asked for them anew while they were read.
  if (regions === undefined) return [];
  const byTarget = attributeToTargets(regions, context.targets.length);
  return [...byTarget].map(([targetId, part]) => ({
    kdamondPid,
    targetId,
    endNs,
    regions: part,
    isInAddrUnits: false,
    isGapless: false,
    isSelected: true,
  }));
}

async function isRunning({ fs, retry }: SysfsSourceOptions, index: number): Promise<boolean> {
  try {
    return (await readRunState(fs, index, retry)).isRunning;
  } catch (error) {
    if (isKernelErrno(error, 'ENOENT', 'ENODEV')) return false;
    throw error;
  }
}
