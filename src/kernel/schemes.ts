import type { SchemeState, SchemeStats } from '../damon/kdamond.ts';
import type { AccessPatternSpec, DestSpec, Uint64Range, WatermarksSpec } from '../damon/spec.ts';
import {
  omitAbsent,
  readIfPresent,
  readInteger,
  readNumbered,
  readUint64,
  readWord,
} from './attribute.ts';
import { readFilters } from './filters.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';
import { readQuotas } from './quotas.ts';
import { readTriedRegions } from './triedRegions.ts';

function readRange(fs: KernelFs, path: KernelPath): Uint64Range {
  return { min: readUint64(fs, `${path}/min`), max: readUint64(fs, `${path}/max`) };
}

function readAccessPattern(fs: KernelFs, path: KernelPath): AccessPatternSpec {
  return {
    sizeBytes: readRange(fs, `${path}/sz`),
    nrAccesses: readRange(fs, `${path}/nr_accesses`),
    ageIntervals: readRange(fs, `${path}/age`),
  };
}

function readWatermarks(fs: KernelFs, path: KernelPath): WatermarksSpec {
  return {
    metric: readWord(fs, `${path}/metric`),
    intervalUs: readUint64(fs, `${path}/interval_us`),
    highPermil: readInteger(fs, `${path}/high`),
    midPermil: readInteger(fs, `${path}/mid`),
    lowPermil: readInteger(fs, `${path}/low`),
  };
}

function readDest(fs: KernelFs, path: KernelPath): DestSpec {
  return { nid: readInteger(fs, `${path}/id`), weight: readInteger(fs, `${path}/weight`) };
}

/**
 * Counters as of the last `update_schemes_stats` or `refresh_ms`.
 *
 * Files: `schemes/<S>/stats`
 * Absent: bytes that passed the filters before 6.14, snapshots before 7.0.
 */
export function readSchemeStats(fs: KernelFs, path: KernelPath): SchemeStats {
  return {
    triedRegions: readUint64(fs, `${path}/nr_tried`),
    triedBytes: readUint64(fs, `${path}/sz_tried`),
    appliedRegions: readUint64(fs, `${path}/nr_applied`),
    appliedBytes: readUint64(fs, `${path}/sz_applied`),
    quotaExceeds: readUint64(fs, `${path}/qt_exceeds`),
    ...omitAbsent({
      opsFilterPassedBytes: readIfPresent(readUint64, fs, `${path}/sz_ops_filter_passed`),
      nrSnapshots: readIfPresent(readUint64, fs, `${path}/nr_snapshots`),
    }),
  };
}

export interface SchemeOptions {
  readonly addrUnit: bigint;
  /** Whether to read the region directories: four files for each region. */
  readonly withTriedRegions: boolean;
}

/** Files: `schemes/<S>` */
export function readScheme(fs: KernelFs, path: KernelPath, options: SchemeOptions): SchemeState {
  const { addrUnit, withTriedRegions } = options;
  return {
    action: readWord(fs, `${path}/action`),
    accessPattern: readAccessPattern(fs, `${path}/access_pattern`),
    quotas: readQuotas(fs, `${path}/quotas`),
    ...omitAbsent({
      targetNid: readIfPresent(readInteger, fs, `${path}/target_nid`),
      applyIntervalUs: readIfPresent(readInteger, fs, `${path}/apply_interval_us`),
      dests: readNumbered(fs, `${path}/dests`, (dest) => readDest(fs, dest)),
      filters: readFilters(fs, `${path}/filters`, addrUnit),
      coreFilters: readFilters(fs, `${path}/core_filters`, addrUnit),
      opsFilters: readFilters(fs, `${path}/ops_filters`, addrUnit),
      maxNrSnapshots: readIfPresent(readUint64, fs, `${path}/stats/max_nr_snapshots`),
      effectiveQuotaBytes: readIfPresent(readUint64, fs, `${path}/quotas/effective_bytes`),
      triedRegionsTotalBytes: readIfPresent(readUint64, fs, `${path}/tried_regions/total_bytes`),
      triedRegions: withTriedRegions
        ? readTriedRegions(fs, `${path}/tried_regions`, addrUnit)
        : undefined,
    }),
    // Last: they are in every kernel, so a scheme that vanished meanwhile shows here at the latest.
    watermarks: readWatermarks(fs, `${path}/watermarks`),
    stats: readSchemeStats(fs, `${path}/stats`),
  };
}
