import { MAX_TIME_NS } from '../recording.ts';
import type { RegionScratch } from '../regionScratch.ts';
import type {
  RecordedIntervals,
  RecordedSchemeStats,
  RecordedSnapshot,
  RecordedStream,
} from '../recording.ts';
import { parseDamoCount, parseDamoSize, parseDamoTime, parseDamoUint32 } from './damoNumbers.ts';
import { asList, asObject } from './jsonValue.ts';
import type { JsonObject, JsonValue } from './jsonValue.ts';
import type { RegionTemplate, SlotValues } from './regionTemplate.ts';

/** Keys of a snapshot beside its regions. */
export const SNAPSHOT_KEYS: ReadonlySet<string> = new Set([
  'start_time',
  'end_time',
  'total_bytes',
  'damos_stats',
  'sample_interval_us',
]);

function parseSchemeStats(value: JsonValue | undefined): RecordedSchemeStats | undefined {
  const stats = asObject(value);
  if (stats === undefined) return undefined;
  const count = (key: string): bigint =>
    stats.has(key) ? parseDamoCount(stats.get(key), key) : 0n;
  const size = (key: string): bigint => (stats.has(key) ? parseDamoSize(stats.get(key), key) : 0n);
  return {
    triedRegions: count('nr_tried'),
    triedBytes: size('sz_tried'),
    appliedRegions: count('nr_applied'),
    appliedBytes: size('sz_applied'),
    opsFilterPassedBytes: size('sz_ops_filter_passed'),
    quotaExceeds: count('qt_exceeds'),
    nrSnapshots: count('nr_snapshots'),
    maxNrSnapshots: count('max_nr_snapshots'),
  };
}

/**
 * The sampling interval at a snapshot. Versions from 2.8.8 on write nanoseconds below a name in
 * µs, and read them as µs. Of the two readings that one is taken which explains the duration of the
 * snapshot better; without intervals, what those versions meant.
 */
function parseSampleInterval(
  value: JsonValue | undefined,
  intervals: RecordedIntervals | undefined,
  durationNs: bigint,
): number | undefined {
  if (value === undefined || value === null) return undefined;
  const asNs = Number(parseDamoTime(value, 'us', 'sample_interval_us')) / 1000;
  if (asNs === 0) return undefined;
  if (intervals === undefined) return Math.round(asNs);
  const { sampleIntervalUs, aggrIntervalUs } = intervals;
  const expected = (Number(durationNs) / 1000) * (sampleIntervalUs / aggrIntervalUs);
  const asUs = asNs * 1000;
  return asUs * asNs < expected * expected ? asUs : Math.round(asNs);
}

/** What is known of a snapshot before its stream is. @throws RangeError for a value that is none. */
export function parseSnapshotTimes(values: JsonObject): {
  readonly startNs: bigint;
  readonly endNs: bigint;
} {
  const startNs = parseDamoTime(values.get('start_time'), 'ns', 'start_time');
  const endNs = parseDamoTime(values.get('end_time'), 'ns', 'end_time');
  if (endNs > MAX_TIME_NS) throw new RangeError(`it ends at ${endNs.toString()}, which is no time`);
  if (endNs < startNs) {
    throw new RangeError(
      `it ends at ${endNs.toString()} before it starts at ${startNs.toString()}`,
    );
  }
  return { startNs, endNs };
}

/** @throws RangeError for a value that is none. */
export function buildDamoSnapshot(
  values: JsonObject,
  scratch: RegionScratch,
  stream: RecordedStream,
): RecordedSnapshot {
  const { startNs, endNs } = parseSnapshotTimes(values);
  const total = values.get('total_bytes');
  return {
    stream,
    startNs,
    endNs,
    regions: scratch.copy(stream.schemeIndex !== undefined),
    sampleIntervalUs: parseSampleInterval(
      values.get('sample_interval_us'),
      stream.intervals,
      endNs - startNs,
    ),
    totalBytes:
      total === undefined || total === null ? undefined : parseDamoSize(total, 'total_bytes'),
    schemeStats: parseSchemeStats(values.get('damos_stats')),
  };
}

/** Puts a region that was tokenized into the columns. @throws RangeError for a value that is none. */
export function addDamoRegion(value: JsonValue, scratch: RegionScratch): void {
  const region = asObject(value);
  if (region === undefined) throw new RangeError('found no object, expected a region');
  scratch.reserve();
  const startAddr = parseDamoSize(region.get('start'), 'start');
  const endAddr = parseDamoSize(region.get('end'), 'end');
  if (startAddr >= endAddr) {
    throw new RangeError(
      `the region from ${startAddr.toString()} to ${endAddr.toString()} is empty`,
    );
  }
  scratch.setWideAddresses(startAddr, endAddr);
  const accesses = asObject(region.get('nr_accesses'));
  scratch.nrAccesses[scratch.count] =
    accesses === undefined ? 0 : parseDamoUint32(accesses.get('samples'), 'samples');
  const age = asObject(region.get('age'))?.get('aggr_intervals') ?? null;
  if (age !== null) scratch.setAge(parseDamoUint32(age, 'aggr_intervals'));
  const passed = region.get('sz_filter_passed') ?? null;
  if (passed !== null) scratch.setFilterPassedBytes(parseDamoSize(passed, 'sz_filter_passed'));
  for (const [probe, hits] of (asList(region.get('probe_hits')) ?? []).entries()) {
    scratch.setProbeHits(probe, parseDamoUint32(hits, 'probe_hits'));
  }
  scratch.count += 1;
}

const MAX_UINT32 = 2 ** 32 - 1;

/**
 * Puts a region that fitted the template into the columns.
 *
 * @returns false when its values are none for columns; nothing was stored then.
 * @throws RangeError when there are too many regions.
 */
export function addMatchedRegion(
  { slots }: RegionTemplate,
  { numbers, texts }: SlotValues,
  scratch: RegionScratch,
): boolean {
  scratch.reserve();
  let startAddr = 0;
  let endAddr = 0;
  let age = -1;
  let probe = 0;
  let passed: string | undefined;
  for (let index = 0; index < slots.length; index += 1) {
    const number = numbers[index] ?? 0;
    switch (slots[index]) {
      case 'start':
        startAddr = number;
        break;
      case 'end':
        endAddr = number;
        break;
      case 'samples':
        if (number > MAX_UINT32) return false;
        scratch.nrAccesses[scratch.count] = number;
        break;
      case 'age':
        if (number > MAX_UINT32) return false;
        age = number;
        break;
      case 'filterPassed':
        passed = texts[index];
        break;
      case 'probe':
        scratch.setProbeHits(probe, number);
        probe += 1;
        break;
      case 'text':
      case 'number':
      case undefined:
    }
  }
  if (endAddr <= startAddr) return false;
  scratch.setAddresses(startAddr, endAddr);
  if (age >= 0) scratch.setAge(age);
  if (passed === '0 B') scratch.addNothingPassed();
  else if (passed !== undefined) {
    scratch.setFilterPassedBytes(parseDamoSize(passed, 'sz_filter_passed'));
  }
  scratch.count += 1;
  return true;
}
