import { parseShare } from '../../base/units.ts';
import type { RecordedFilter, RecordedIntervals, RecordedStream } from '../recording.ts';
import { parseDamoCount, parseDamoSize, parseDamoTime, parseDamoUint32 } from './damoNumbers.ts';
import { asList, asObject, asText } from './jsonValue.ts';
import type { JsonObject, JsonValue } from './jsonValue.ts';

/** Keys of a record beside its snapshots; what a later version adds is skipped. */
export const RECORD_KEYS: ReadonlySet<string> = new Set([
  'kdamond_idx',
  'context_idx',
  'intervals',
  'scheme_idx',
  'target_id',
  'scheme_filters',
  'data_source',
]);

function parseIndex(value: JsonValue | undefined, what: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  // -1 stands for DAMON_STAT's kdamond.
  return asText(value) === '-1' ? '-1' : parseDamoCount(value, what).toString();
}

function parseSmallIndex(value: JsonValue | undefined, what: string): number | undefined {
  return value === undefined || value === null ? undefined : parseDamoUint32(value, what);
}

function parseGoal(value: JsonValue | undefined): RecordedIntervals['goal'] {
  const goal = asObject(value);
  if (goal === undefined) return undefined;
  const us = (key: string): number => Number(parseDamoTime(goal.get(key), 'us', key));
  // Version 2.6.7 called it samples_bp.
  const share = asText(goal.get('access_bp') ?? goal.get('samples_bp')) ?? '0';
  const parsed = {
    accessBp: parseShare(share, 'bp', 'access_bp'),
    aggrs: Number(parseDamoCount(goal.get('aggrs'), 'aggrs')),
    minSampleIntervalUs: us('min_sample_us'),
    maxSampleIntervalUs: us('max_sample_us'),
  };
  return parsed.accessBp === 0 && parsed.aggrs === 0 ? undefined : parsed;
}

function parseIntervals(value: JsonValue | undefined): RecordedIntervals | undefined {
  const intervals = asObject(value);
  if (intervals === undefined) return undefined;
  const us = (key: string): number => Number(parseDamoTime(intervals.get(key), 'us', key));
  const parsed = {
    sampleIntervalUs: us('sample_us'),
    aggrIntervalUs: us('aggr_us'),
    updateIntervalUs: us('ops_update_us'),
    goal: parseGoal(intervals.get('intervals_goal')),
  };
  // Nothing can be computed per second from an interval of zero.
  return parsed.aggrIntervalUs === 0 || parsed.sampleIntervalUs === 0 ? undefined : parsed;
}

const isTrue = (value: JsonValue | undefined): boolean =>
  value === true || (typeof value === 'string' && /^(?:y|yes|true|1)$/i.test(value));

function parseFilter(value: JsonValue): RecordedFilter | undefined {
  const filter = asObject(value);
  if (filter === undefined) return undefined;
  const range = asObject(filter.get('address_range'));
  const sizes = asList(filter.get('hugepage_size'));
  const memcgPath = asText(filter.get('memcg_path'));
  return {
    type: asText(filter.get('filter_type')) ?? 'unknown',
    isMatching: isTrue(filter.get('matching')),
    isAllowing: isTrue(filter.get('allow') ?? filter.get('filter_pass')),
    memcgPath: memcgPath === '' ? undefined : memcgPath,
    addrRange: range && {
      startAddr: parseDamoSize(range.get('start'), 'address_range.start'),
      endAddr: parseDamoSize(range.get('end'), 'address_range.end'),
    },
    targetIndex: parseSmallIndex(filter.get('damon_target_idx'), 'damon_target_idx'),
    hugepageSizeBytes: sizes && {
      min: parseDamoSize(sizes[0], 'hugepage_size'),
      max: parseDamoSize(sizes[1], 'hugepage_size'),
    },
  };
}

/**
 * What the snapshots of one of damo's records have in common.
 *
 * @throws RangeError when one of the values is none.
 */
export function parseDamoStream(record: JsonObject): RecordedStream {
  const kdamond = parseIndex(record.get('kdamond_idx'), 'kdamond_idx');
  const filters = asList(record.get('scheme_filters')) ?? [];
  return {
    kdamond,
    contextIndex: parseSmallIndex(record.get('context_idx'), 'context_idx'),
    schemeIndex: parseSmallIndex(record.get('scheme_idx'), 'scheme_idx'),
    targetId: parseIndex(record.get('target_id'), 'target_id'),
    targetName: undefined,
    intervals: parseIntervals(record.get('intervals')),
    schemeFilters: filters.flatMap((filter) => parseFilter(filter) ?? []),
    // Damo writes it behind the snapshots, too late for a reader that keeps nothing.
    dataSource: asText(record.get('data_source')) ?? (kdamond === '-1' ? 'damon_stat' : undefined),
  };
}

/** What two records must share to be one stream cut in pieces: intervals may have been tuned. */
function buildStreamKey(stream: RecordedStream): string {
  const { intervals, ...rest } = stream;
  const common =
    intervals?.goal === undefined
      ? intervals
      : [intervals.goal, intervals.aggrIntervalUs / intervals.sampleIntervalUs];
  return JSON.stringify([rest, common], (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
}

interface KnownStream {
  readonly stream: RecordedStream;
  lastStartNs: bigint;
}

/** A hostile file may name any number of streams. */
const MAX_KNOWN_STREAMS = 4096;

/**
 * Finds the stream records belong to. `record --snapshot` writes a record per snapshot: those that
 * continue each other are one stream. Records of several snapshots stay apart, even when they name
 * the same target: they come from different kdamonds.
 */
export class StreamRegistry {
  readonly #single = new Map<string, KnownStream>();
  #current: KnownStream | undefined;
  #currentKey = '';

  /** The stream of a record whose first snapshot starts then. */
  begin(stream: RecordedStream, startNs: bigint): RecordedStream {
    this.#currentKey = buildStreamKey(stream);
    const known = this.#single.get(this.#currentKey);
    if (known !== undefined && known.lastStartNs < startNs) {
      known.lastStartNs = startNs;
      this.#current = known;
      return known.stream;
    }
    if (this.#single.size >= MAX_KNOWN_STREAMS) this.#single.clear();
    this.#current = { stream, lastStartNs: startNs };
    this.#single.set(this.#currentKey, this.#current);
    return stream;
  }

  /** The record has another snapshot: nothing continues it. */
  addAnother(): void {
    if (this.#current !== undefined) this.#single.delete(this.#currentKey);
  }
}
