import { ULONG_MAX } from '../../base/uint64.ts';
import { parseCount } from '../../base/units.ts';
import { ACTIONS, ANY_PATTERN, MIGRATE_ACTIONS } from '../../damon/spec.ts';
import type { AccessPatternSpec, DestSpec, SchemeSpec, Uint64Range } from '../../damon/spec.ts';
import { checkRange } from '../../damon/specChecks.ts';
import { parseAccessRate, parseAge } from '../accessPattern.ts';
import type { Bound, CountingIntervals } from '../accessPattern.ts';
import {
  checkDecoded,
  listItems,
  openMap,
  peekField,
  readQuantity,
  readWord,
  reportProblem,
} from '../decode.ts';
import type { Fields, Place } from '../decode.ts';
import { decodeFilter } from './decodeFilters.ts';
import { decodeQuotas, decodeWatermarks } from './decodeQuotas.ts';
import { parseIntervalUs, parseSize, parseUint32 } from './quantities.ts';

export const SCHEME_KEYS: readonly string[] = [
  'action',
  'dests',
  'target_nid',
  'access_pattern',
  'apply_interval_us',
  'quotas',
  'watermarks',
  'filters',
  'max_nr_snapshots',
];
/** What status dumps add. */
export const STATUS_KEYS: readonly string[] = ['stats', 'tried_regions', 'tried_bytes'];

/** The largest age, as damo writes it with --raw: in nanoseconds, though read in microseconds. */
const RAW_MAX_AGE = '18446744073709551615000';

type BoundParser = (text: string, bound: Bound, what: string) => bigint;

function decodeRange(place: Place | undefined, parse: BoundParser): Uint64Range | undefined {
  if (place === undefined) return undefined;
  const fields = openMap(place, ['min', 'max']);
  const read = (bound: Bound, fallback: bigint): bigint =>
    readQuantity(fields.require(bound), (text, what) => parse(text, bound, what), fallback);
  return checkDecoded(place, { min: read('min', 0n), max: read('max', ULONG_MAX) }, checkRange);
}

function decodeAccessPattern(
  place: Place | undefined,
  intervals: CountingIntervals,
): AccessPatternSpec {
  if (place === undefined) return ANY_PATTERN;
  const fields = openMap(place, ['sz_bytes', 'nr_accesses', 'age']);
  const parseBytes: BoundParser = (text, _bound, what) => parseSize(text, what);
  const parseRate: BoundParser = (text, bound, what) =>
    parseAccessRate(text, bound, intervals, what);
  const parseBoundAge: BoundParser = (text, bound, what) => {
    if (text !== RAW_MAX_AGE) return parseAge(text, bound, intervals, what);
    throw new RangeError(
      `${what}: found "${text}": "damo args damon --raw" writes times of schemes in other units than it reads; let damo write without --raw`,
    );
  };
  const { sizeBytes, nrAccesses, ageIntervals } = ANY_PATTERN;
  return {
    sizeBytes: decodeRange(fields.get('sz_bytes'), parseBytes) ?? sizeBytes,
    nrAccesses: decodeRange(fields.get('nr_accesses'), parseRate) ?? nrAccesses,
    ageIntervals: decodeRange(fields.get('age'), parseBoundAge) ?? ageIntervals,
  };
}

function decodeDest(place: Place): DestSpec {
  const fields = openMap(place, ['id', 'weight']);
  return {
    nid: readQuantity(fields.require('id'), parseUint32, 0),
    weight: readQuantity(fields.require('weight'), parseUint32, 0),
  };
}

/** Where pages go to: only for actions that move them; the kernel shows -1 for the others. */
function decodeDestinations(place: Place, fields: Fields, isMigrating: boolean) {
  const target = fields.get('target_nid');
  const isNone = target?.node.kind === 'scalar' && target.node.text === '-1';
  const targetNid = isNone
    ? undefined
    : readQuantity<number | undefined>(target, parseUint32, undefined);
  const dests = listItems(fields.get('dests')).map(decodeDest);
  if (isMigrating && targetNid === undefined && dests.length === 0) {
    reportProblem(place, 'the action needs "target_nid" or "dests": where pages go');
  }
  return {
    ...(isMigrating && targetNid !== undefined && { targetNid }),
    ...(isMigrating && dests.length > 0 && { dests }),
  };
}

/** damo shows it among the statistics. */
function decodeMaxNrSnapshots(fields: Fields): Pick<SchemeSpec, 'maxNrSnapshots'> {
  const place =
    fields.get('max_nr_snapshots') ?? peekField(fields.get('stats'), 'max_nr_snapshots');
  const maxNrSnapshots = readQuantity(place, parseCount, 0n);
  return maxNrSnapshots === 0n ? {} : { maxNrSnapshots };
}

/**
 * A scheme of damo's. What damo leaves out has damo's defaults; what is the kernel's default anyway
 * is left out of the spec, so that it asks no old kernel for files it does not have.
 */
export function decodeScheme(place: Place, intervals: CountingIntervals): SchemeSpec {
  return decodeSchemeFields(place, openMap(place, SCHEME_KEYS, STATUS_KEYS), intervals);
}

/** The same of a map that may say more than damo's. */
export function decodeSchemeFields(
  place: Place,
  fields: Fields,
  intervals: CountingIntervals,
): SchemeSpec {
  const action = readWord(fields.get('action'), ACTIONS, 'stat');
  const applyIntervalUs = readQuantity(fields.get('apply_interval_us'), parseIntervalUs, 0);
  const filters = listItems(fields.get('filters')).map(decodeFilter);
  return {
    action,
    ...decodeDestinations(place, fields, MIGRATE_ACTIONS.includes(action)),
    ...(applyIntervalUs !== 0 && { applyIntervalUs }),
    accessPattern: decodeAccessPattern(fields.get('access_pattern'), intervals),
    quotas: decodeQuotas(fields.get('quotas')),
    watermarks: decodeWatermarks(fields.get('watermarks')),
    ...(filters.length > 0 && { filters }),
    ...decodeMaxNrSnapshots(fields),
  };
}
