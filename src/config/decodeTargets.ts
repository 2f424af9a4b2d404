import { parseUint64, toSafeNumber } from '../base/uint64.ts';
import type { AddrRange, Operations } from '../damon/spec.ts';
import { checkRegions } from '../damon/specChecks.ts';
import type {
  PhysicalTargetSelector,
  ProcessSelector,
  ProcessTargetSelector,
} from '../damon/targetSelector.ts';
import type { TargetsConfig } from './config.ts';
import { decodeAddrRange } from './damo/decodeFilters.ts';
import { parseUint32 } from './damo/quantities.ts';
import {
  checkDecoded,
  listItems,
  openMap,
  readQuantity,
  readText,
  reportProblem,
} from './decode.ts';
import type { Fields, Place } from './decode.ts';

const SELECTOR_KEYS = ['pid', 'process', 'cgroup', 'systemd_unit', 'command'] as const;
const PHYSICAL_KEYS = ['numa_node', 'numa_nodes'] as const;

function decodeRegions(fields: Fields): readonly AddrRange[] {
  const place = fields.get('regions');
  return checkDecoded(place, listItems(place).map(decodeAddrRange), checkRegions);
}

function decodePattern(place: Place | undefined): RegExp | undefined {
  const text = readText(place);
  if (place === undefined || text === undefined) return undefined;
  try {
    return new RegExp(text, 'u');
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    reportProblem(place, `found "${text}", expected a regular expression: ${error.message}`);
    return undefined;
  }
}

function decodeProcess(place: Place): ProcessSelector {
  const fields = openMap(place, ['name', 'command_line', 'user']);
  const name = readText(fields.get('name'));
  const commandLine = decodePattern(fields.get('command_line'));
  const user = readText(fields.get('user'));
  const given = ['name', 'command_line', 'user'].some((key) => fields.get(key) !== undefined);
  if (!given) reportProblem(place, 'expected at least one of name, command_line, user');
  return {
    kind: 'process',
    ...(name !== undefined && { name }),
    ...(commandLine !== undefined && { commandLine }),
    ...(user !== undefined && { user }),
  };
}

function decodeSelector(key: (typeof SELECTOR_KEYS)[number], place: Place): ProcessSelector {
  const text = (): string => readText(place) ?? '';
  switch (key) {
    case 'pid':
      return { kind: 'pid', pid: readQuantity(place, parseUint32, 0) };
    case 'process':
      return decodeProcess(place);
    case 'cgroup':
      return { kind: 'cgroup', path: text() };
    case 'systemd_unit': {
      const unit = text();
      return { kind: 'systemd_unit', unit: unit.includes('.') ? unit : `${unit}.service` };
    }
    case 'command':
      return { kind: 'command', command: text() };
  }
}

function decodeProcessTarget(place: Place): ProcessTargetSelector {
  const fields = openMap(place, [...SELECTOR_KEYS, 'regions'], ['obsolete']);
  const given = SELECTOR_KEYS.filter((key) => fields.get(key) !== undefined);
  const [key] = given;
  const value = key === undefined ? undefined : fields.get(key);
  const regions = decodeRegions(fields);
  if (key === undefined || value === undefined || given.length > 1) {
    reportProblem(
      place,
      `found ${given.length === 0 ? 'none' : given.join(' and ')}, expected one of ${SELECTOR_KEYS.join(', ')}: whose memory to monitor`,
    );
    return { selector: { kind: 'pid', pid: 0 }, regions };
  }
  return { selector: decodeSelector(key, value), regions };
}

function parseNode(text: string, what: string): number {
  return toSafeNumber(parseUint64(text, what), what);
}

function decodePhysicalTarget(place: Place): PhysicalTargetSelector {
  const fields = openMap(place, [...PHYSICAL_KEYS, 'regions'], ['pid', 'obsolete']);
  const one = fields.get('numa_node');
  const nodes = [
    ...(one === undefined ? [] : [readQuantity(one, parseNode, 0)]),
    ...listItems(fields.get('numa_nodes')).map((item) => readQuantity(item, parseNode, 0)),
  ];
  const regions = decodeRegions(fields);
  if (nodes.length > 0 && regions.length > 0) {
    reportProblem(place, 'found NUMA nodes and regions, expected one of them');
  }
  return { regions, numaNodes: nodes };
}

/** Whose memory a kdamond is to monitor; physical memory without a target is all System RAM. */
export function decodeTargets(
  place: Place | undefined,
  operations: Operations | undefined,
): TargetsConfig {
  const items = listItems(place);
  if (operations !== 'paddr') {
    if (place !== undefined && items.length === 0) {
      reportProblem(place, 'found no target, expected at least one');
    }
    return { kind: 'processes', targets: items.map(decodeProcessTarget) };
  }
  const [target, second] = items.map(decodePhysicalTarget);
  if (second !== undefined && place !== undefined) {
    reportProblem(place, `found ${items.length} targets, expected one: there is one machine`);
  }
  return { kind: 'physical', target: target ?? { regions: [], numaNodes: [] } };
}
