import { ULONG_MAX } from '../../base/uint64.ts';
import { FILTER_TYPES, PROBE_FILTER_TYPES } from '../../damon/spec.ts';
import type { AddrRange, FilterSpec, ProbeSpec, Uint64Range } from '../../damon/spec.ts';
import { checkAddrRange, checkRange } from '../../damon/specChecks.ts';
import {
  checkDecoded,
  describeNode,
  listItems,
  openMap,
  readBoolean,
  readQuantity,
  readText,
  readWord,
  reportProblem,
} from '../decode.ts';
import type { Fields, Place } from '../decode.ts';
import { parseSize, parseUint32 } from './quantities.ts';

const FILTER_KEYS = [
  'filter_type',
  'matching',
  'allow',
  'memcg_path',
  'address_range',
  'damon_target_idx',
  'hugepage_size',
] as const;

/** Which key each type needs; the other types have none. */
const ARGUMENT_KEYS: Readonly<Record<string, string>> = {
  memcg: 'memcg_path',
  addr: 'address_range',
  target: 'damon_target_idx',
  hugepage_size: 'hugepage_size',
};

/** Bytes from `start` to `end`, as regions and filters have them. */
export function decodeAddrRange(place: Place): AddrRange {
  const fields = openMap(place, ['start', 'end']);
  const startAddr = readQuantity(fields.require('start'), parseSize, 0n);
  const endAddr = readQuantity(fields.require('end'), parseSize, ULONG_MAX);
  return checkDecoded(place, { startAddr, endAddr }, checkAddrRange);
}

function decodeSizeRange(place: Place): Uint64Range {
  const [min, max, ...rest] = listItems(place);
  if (min === undefined || max === undefined || rest.length > 0) {
    reportProblem(place, 'expected a list of two sizes, minimum and maximum');
    return { min: 0n, max: 0n };
  }
  const range = {
    min: readQuantity(min, parseSize, 0n),
    max: readQuantity(max, parseSize, ULONG_MAX),
  };
  return checkDecoded(place, range, checkRange);
}

function isEmptyText({ node }: Place): boolean {
  return node.kind === 'scalar' && node.text === '';
}

/** damo writes the keys of all types, with null or an empty text where they do not apply. */
function checkUnusedArguments(fields: Fields, type: string): void {
  for (const [otherType, key] of Object.entries(ARGUMENT_KEYS)) {
    const place = otherType === type ? undefined : fields.get(key);
    if (place === undefined || isEmptyText(place)) continue;
    reportProblem(place, `found ${describeNode(place.node)}, but the filter is of type ${type}`);
  }
}

function decodeArguments(fields: Fields, type: string): Partial<FilterSpec> {
  const key = ARGUMENT_KEYS[type];
  const place = key === undefined ? undefined : fields.require(key);
  if (place === undefined) return {};
  switch (type) {
    case 'memcg':
      return { memcgPath: readText(place) ?? '' };
    case 'addr':
      return { addrRange: decodeAddrRange(place) };
    case 'target':
      return { targetIndex: readQuantity(place, parseUint32, 0) };
    default:
      return { sizeBytes: decodeSizeRange(place) };
  }
}

export function decodeFilter(place: Place): FilterSpec {
  const fields = openMap(place, FILTER_KEYS, ['filter_pass', 'probe_hits_wsum_range']);
  const type = readWord(fields.require('filter_type'), FILTER_TYPES, undefined);
  const unknown = fields.get('probe_hits_wsum_range');
  if (unknown !== undefined) reportProblem(unknown, 'no released kernel has it');
  if (type !== undefined) checkUnusedArguments(fields, type);
  return {
    type: type ?? '',
    isMatching: readBoolean(fields.require('matching'), true),
    isAllowing: readBoolean(fields.get('allow') ?? fields.get('filter_pass'), false),
    ...(type !== undefined && decodeArguments(fields, type)),
  };
}

function decodeProbeFilter(place: Place): FilterSpec {
  const keys = ['filter_type', 'matching', 'allow', 'path'] as const;
  const fields = openMap(place, keys, ['range_min', 'range_max']);
  const type = readWord(fields.require('filter_type'), PROBE_FILTER_TYPES, 'anon');
  for (const key of ['range_min', 'range_max']) {
    const unknown = fields.get(key);
    if (unknown !== undefined) reportProblem(unknown, 'no released kernel has it');
  }
  const pathPlace = type === 'memcg' ? fields.require('path') : undefined;
  const path = readText(pathPlace);
  if (pathPlace !== undefined && path?.startsWith('/') === false) {
    reportProblem(pathPlace, `found "${path}", expected a path as in "/system.slice"`);
  }
  return {
    type,
    isMatching: readBoolean(fields.require('matching'), true),
    isAllowing: readBoolean(fields.get('allow'), false),
    ...(path !== undefined && { memcgPath: path }),
  };
}

const PROBE_KEYS = ['filters'] as const;
const IGNORED_PROBE_KEYS = ['preps', 'weight'] as const;

export function decodeProbe(place: Place): ProbeSpec {
  return decodeProbeFields(openMap(place, PROBE_KEYS, IGNORED_PROBE_KEYS));
}

/** As a file of ours has it: with what people call it, beside all that damo's can say. */
export function decodeNamedProbe(
  place: Place,
  decodeName: (place: Place | undefined) => string,
): ProbeSpec {
  const fields = openMap(place, ['name', ...PROBE_KEYS], IGNORED_PROBE_KEYS);
  return { name: decodeName(fields.get('name')), ...decodeProbeFields(fields) };
}

function decodeProbeFields(fields: Fields): ProbeSpec {
  const [preps, weight] = [fields.get('preps'), fields.get('weight')];
  if (preps !== undefined && listItems(preps).length > 0) {
    reportProblem(preps, 'no released kernel has it');
  }
  if (weight !== undefined && readQuantity(weight, parseUint32, 0) !== 0) {
    reportProblem(weight, 'no released kernel has it');
  }
  return { filters: listItems(fields.get('filters')).map(decodeProbeFilter) };
}
