import { parseCount } from '../../base/units.ts';
import { OPERATIONS } from '../../damon/spec.ts';
import type {
  ContextSpec,
  IntervalsGoalSpec,
  IntervalsSpec,
  Operations,
  ProbeSpec,
  TargetSpec,
  Uint64Range,
} from '../../damon/spec.ts';
import {
  checkIntervals,
  checkNrRegions,
  checkProbes,
  checkRegions,
} from '../../damon/specChecks.ts';
import {
  checkDecoded,
  describeNode,
  listItems,
  openMap,
  peekField,
  readBoolean,
  readQuantity,
  readWord,
  reportProblem,
} from '../decode.ts';
import type { Place } from '../decode.ts';
import { decodeAddrRange, decodeProbe } from './decodeFilters.ts';
import { decodeScheme } from './decodeScheme.ts';
import { parseIntervalUs, parseSize, parseUint32, wholeShare } from './quantities.ts';

const DEFAULT_INTERVALS: IntervalsSpec = {
  sampleIntervalUs: 5000,
  aggrIntervalUs: 100_000,
  updateIntervalUs: 1_000_000,
};
const DEFAULT_NR_REGIONS: Uint64Range = { min: 10n, max: 1000n };

/** Undefined for damo's way of saying that there is none: all zeros. */
function decodeIntervalsGoal(place: Place | undefined): IntervalsGoalSpec | undefined {
  if (place === undefined) return undefined;
  const fields = openMap(place, ['access_bp', 'aggrs', 'min_sample_us', 'max_sample_us']);
  const goal = {
    accessBp: readQuantity(fields.get('access_bp'), wholeShare('bp'), 0),
    aggrs: readQuantity(fields.get('aggrs'), parseUint32, 0),
    minSampleIntervalUs: readQuantity(fields.get('min_sample_us'), parseIntervalUs, 0),
    maxSampleIntervalUs: readQuantity(fields.get('max_sample_us'), parseIntervalUs, 0),
  };
  return Object.values(goal).every((value) => value === 0) ? undefined : goal;
}

function decodeIntervals(place: Place | undefined): IntervalsSpec {
  if (place === undefined) return DEFAULT_INTERVALS;
  const fields = openMap(place, ['sample_us', 'aggr_us', 'ops_update_us', 'intervals_goal']);
  const readUs = (key: string, fallback: number): number =>
    readQuantity(fields.get(key), parseIntervalUs, fallback);
  const intervals = {
    sampleIntervalUs: readUs('sample_us', DEFAULT_INTERVALS.sampleIntervalUs),
    aggrIntervalUs: readUs('aggr_us', DEFAULT_INTERVALS.aggrIntervalUs),
    updateIntervalUs: readUs('ops_update_us', DEFAULT_INTERVALS.updateIntervalUs),
  };
  const goal = decodeIntervalsGoal(fields.get('intervals_goal'));
  const all = { ...intervals, ...(goal !== undefined && { goal }) };
  return checkDecoded(place, all, checkIntervals);
}

function decodeNrRegions(place: Place | undefined): Uint64Range {
  if (place === undefined) return DEFAULT_NR_REGIONS;
  const fields = openMap(place, ['min', 'max']);
  const range = {
    min: readQuantity(fields.require('min'), parseCount, DEFAULT_NR_REGIONS.min),
    max: readQuantity(fields.require('max'), parseCount, DEFAULT_NR_REGIONS.max),
  };
  return checkDecoded(place, range, checkNrRegions);
}

/** @param operations Undefined where they are a problem themselves. */
function decodeTarget(place: Place, operations: Operations | undefined): TargetSpec {
  const fields = openMap(place, ['pid', 'obsolete', 'regions']);
  const pid = readQuantity(fields.get('pid'), parseUint32, 0);
  if (operations !== undefined && operations !== 'paddr' && pid === 0) {
    reportProblem(place, `"pid" is missing: ${operations} is about the memory of a process`);
  }
  if (operations === 'paddr' && pid !== 0) {
    reportProblem(place, `found process ${pid}, but paddr is about the memory of the machine`);
  }
  const isObsolete = readBoolean(fields.get('obsolete'), false);
  const regions = fields.get('regions');
  return {
    ...(pid !== 0 && { pid }),
    ...(isObsolete && { isObsolete }),
    regions: checkDecoded(regions, listItems(regions).map(decodeAddrRange), checkRegions),
  };
}

/** Of a kernel that never was released; damo writes it with what every kernel does. */
function checkSampleControl(place: Place | undefined): void {
  if (place === undefined) return;
  openMap(place, ['primitives_enabled', 'sample_filters']);
  const enabled = peekField(place, 'primitives_enabled');
  const filters = peekField(place, 'sample_filters');
  if (filters !== undefined && listItems(filters).length > 0) {
    reportProblem(filters, 'no released kernel has it');
  }
  if (enabled === undefined) return;
  const fields = openMap(enabled, ['page_table', 'page_fault']);
  const isUsual =
    readBoolean(fields.get('page_table'), true) && !readBoolean(fields.get('page_fault'), false);
  if (!isUsual) {
    reportProblem(enabled, `found ${describeNode(enabled.node)} for a kernel never released`);
  }
}

/** What a document may say about the targets and schemes of a context, beyond what damo's can. */
export interface ContextParts<Targets, Scheme> {
  readonly decodeTargets: (place: Place | undefined, operations: Operations | undefined) => Targets;
  readonly decodeProbe: (place: Place) => ProbeSpec;
  readonly decodeScheme: (
    place: Place,
    intervals: IntervalsSpec,
    operations: Operations | undefined,
  ) => Scheme;
}

export interface DecodedContext<Targets, Scheme> {
  readonly frame: Omit<ContextSpec, 'targets' | 'schemes'>;
  readonly targets: Targets;
  readonly schemes: readonly Scheme[];
}

/** As a kdamond of damo's has it. */
export function decodeContext(place: Place): ContextSpec {
  const { frame, targets, schemes } = decodeContextWith(place, {
    decodeTargets: (list, operations) =>
      listItems(list).map((item) => decodeTarget(item, operations)),
    decodeProbe,
    decodeScheme,
  });
  return { ...frame, targets, schemes };
}

export function decodeContextWith<Targets, Scheme>(
  place: Place,
  parts: ContextParts<Targets, Scheme>,
): DecodedContext<Targets, Scheme> {
  const keys = [
    'ops',
    'addr_unit',
    'targets',
    'intervals',
    'nr_regions',
    'probes',
    'pause',
    'schemes',
  ] as const;
  const fields = openMap(place, keys, ['sample_control']);
  const operations = readWord(fields.require('ops'), OPERATIONS, undefined);
  const addrUnit = readQuantity(fields.get('addr_unit'), parseSize, 1n);
  const intervals = decodeIntervals(fields.get('intervals'));
  const { min: minNrRegions, max: maxNrRegions } = decodeNrRegions(fields.get('nr_regions'));
  const probesPlace = fields.get('probes');
  const probes = checkDecoded(
    probesPlace,
    listItems(probesPlace).map(parts.decodeProbe),
    checkProbes,
  );
  if (addrUnit === 0n) reportProblem(place, 'addr_unit is 0, expected at least 1 byte');
  checkSampleControl(fields.get('sample_control'));
  const frame = {
    operations: operations ?? 'paddr',
    ...(addrUnit !== 1n && { addrUnit }),
    ...(readBoolean(fields.get('pause'), false) && { isPaused: true }),
    intervals,
    minNrRegions,
    maxNrRegions,
    ...(probes.length > 0 && { probes }),
  } as const;
  return {
    frame,
    targets: parts.decodeTargets(fields.require('targets'), operations),
    schemes: listItems(fields.get('schemes')).map((item) =>
      parts.decodeScheme(item, intervals, operations),
    ),
  };
}
