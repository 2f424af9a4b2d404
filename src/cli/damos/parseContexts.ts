import { parseSizeBytes } from '../../base/units.ts';
import { parseUint32Ms } from '../../config/damo/quantities.ts';
import type { AddrRange, ContextSpec, ProbeSpec, TargetSpec } from '../../damon/spec.ts';
import { checkProbes } from '../../damon/specChecks.ts';
import { parseMonitoring, parseRegions } from '../monitoringOptions.ts';
import type { MonitoringArguments } from '../monitoringOptions.ts';
import type { DamosArguments } from './damosOptions.ts';
import { checkOccurrences, distribute, parseNumbers } from './distribute.ts';
import { splitWords } from './optionWords.ts';
import { PROBE_FILTER, takeFilters } from './takeFilter.ts';

/** What the command line leaves to the machine. */
export interface MachineRam {
  readonly readSystemRam: () => readonly AddrRange[];
  readonly readNodeRam: (nids: readonly number[]) => readonly AddrRange[];
}

/** Options whose n-th occurrence is for the n-th context. */
const PER_CONTEXT = [
  'ops',
  'monitoring_intervals',
  'sample',
  'aggr',
  'updr',
  'monitoring_intervals_goal',
  'monitoring_nr_regions_range',
  'minr',
  'maxr',
  'numa_node',
] as const;

const AUTOTUNE_GOAL = ['4%', '3', '5ms', '10s'] as const;

function splitGiven(joined: string | undefined): string[] | undefined {
  return joined === undefined ? undefined : splitWords(joined);
}

/** What the options say of one context, but for its targets. */
function pickMonitoring(args: DamosArguments, index: number): MonitoringArguments {
  const autotune = args.monitoring_intervals_autotune === true ? AUTOTUNE_GOAL : undefined;
  return {
    ops: args.ops?.[index],
    monitoring_intervals: splitGiven(args.monitoring_intervals?.[index]),
    sample: args.sample?.[index],
    aggr: args.aggr?.[index],
    updr: args.updr?.[index],
    monitoring_intervals_goal: splitGiven(args.monitoring_intervals_goal?.[index]) ?? autotune,
    monitoring_nr_regions_range: splitGiven(args.monitoring_nr_regions_range?.[index]),
    minr: args.minr?.[index],
    maxr: args.maxr?.[index],
  };
}

/** What one context is to watch, as the command line names it. */
interface TargetNames {
  readonly target: readonly string[];
  readonly pids: readonly string[];
  /** One text for each target; a single one goes for all. */
  readonly regions: readonly string[];
}

/** The targets of a context whose regions are told one by one. */
function pairRegions(targets: readonly TargetSpec[], texts: readonly string[]): TargetSpec[] {
  const regions = texts.map((text) => (text.trim() === '' ? [] : parseRegions(text)));
  if (targets.every(({ pid }) => pid === undefined))
    return regions.map((one) => ({ regions: one }));
  if (targets.length !== regions.length) {
    throw new RangeError(
      `--regions is given ${regions.length} times for ${targets.length} targets, expected once for each, or once for all`,
    );
  }
  return targets.map((target, index) => ({ ...target, regions: regions[index] ?? [] }));
}

function buildContext(
  monitoring: MonitoringArguments,
  names: TargetNames,
  nids: readonly number[] | undefined,
  ram: MachineRam,
): ContextSpec {
  const { target, pids, regions } = names;
  const isNamed = target.length > 0 || pids.length > 0;
  const given = {
    ...monitoring,
    target,
    ...(pids.length > 0 && { target_pid: pids }),
    // As damo: the whole machine, where nothing is named.
    ops: monitoring.ops ?? (isNamed ? undefined : 'paddr'),
    regions: regions.find((text) => text.trim() !== ''),
  };
  const context = parseMonitoring(given, () =>
    nids === undefined ? ram.readSystemRam() : ram.readNodeRam(nids),
  );
  if (context === undefined) throw new RangeError('no target is named');
  if (nids !== undefined && (context.operations !== 'paddr' || given.regions !== undefined)) {
    throw new RangeError('--numa_node is for paddr, without --regions');
  }
  if (regions.length < 2) return { ...context, schemes: [] };
  return { ...context, schemes: [], targets: pairRegions(context.targets, regions) };
}

/** Shares processes and regions out among contexts; contexts of physical memory have no process. */
function shareTargets(args: DamosArguments, nrTargets: readonly number[]): TargetNames[] {
  const pids = (args.target_pid ?? []).flatMap((text) => text.split(','));
  const regions = args.regions ?? [];
  if ((args.target ?? []).length > 0) {
    throw new RangeError('with several contexts targets are named by --target_pid and --ops paddr');
  }
  let fromPid = 0;
  let fromRegion = 0;
  const names = nrTargets.map((count, index) => {
    const nrPids = args.ops?.[index] === 'paddr' ? 0 : count;
    return {
      target: [],
      pids: pids.slice(fromPid, (fromPid += nrPids)),
      regions: regions.slice(fromRegion, (fromRegion += count)),
    };
  });
  if (fromPid !== pids.length || regions.length > fromRegion) {
    throw new RangeError(
      `--nr_targets ${nrTargets.join(' ')}: found ${pids.length} processes and ${regions.length} --regions, expected ${fromPid} processes and at most ${fromRegion} --regions`,
    );
  }
  return names;
}

function parseProbes(args: DamosArguments, nrContexts: number): ProbeSpec[][] {
  const filters = (args.probe_filter ?? []).flatMap(
    (joined) => takeFilters(splitWords(joined), PROBE_FILTER).value,
  );
  const perProbe = parseNumbers(args.nr_probe_filters, '--nr_probe_filters');
  const probes =
    filters.length === 0
      ? []
      : distribute(filters, {
          counts: perProbe,
          nrGroups: perProbe?.length ?? 1,
          items: 'filters',
          option: '--nr_probe_filters',
          group: 'probe',
        });
  const shared = distribute(
    probes.map((probeFilters) => ({ filters: probeFilters })),
    {
      counts: parseNumbers(args.nr_probes, '--nr_probes'),
      nrGroups: nrContexts,
      items: 'probes',
      option: '--nr_probes',
      group: 'context',
    },
  );
  for (const one of shared) checkProbes(one, '--probe_filter');
  return shared;
}

function parseIndexes(joined: string | undefined, nrThere: number, what: string): Set<number> {
  const indexes = parseNumbers(joined, what) ?? [];
  const beyond = indexes.find((index) => index >= nrThere);
  if (beyond === undefined) return new Set(indexes);
  throw new RangeError(`${what}: found ${beyond}, but there are ${nrThere}, counted from 0`);
}

function parseAddrUnit(args: DamosArguments, contexts: readonly ContextSpec[]): bigint {
  const what = '--damon_addr_unit';
  const addrUnit = parseSizeBytes(args.damon_addr_unit ?? '1', what);
  if (addrUnit === 0n) throw new RangeError(`${what}: found 0, expected at least 1 byte`);
  if (addrUnit !== 1n && contexts.some(({ operations }) => operations !== 'paddr')) {
    throw new RangeError(`${what} is for paddr: processes have addresses in bytes`);
  }
  return addrUnit;
}

function parseTargets(args: DamosArguments): TargetNames[] {
  const nrTargets = parseNumbers(args.nr_targets, '--nr_targets');
  if (nrTargets !== undefined && nrTargets.length > 1) return shareTargets(args, nrTargets);
  return [{ target: args.target ?? [], pids: args.target_pid ?? [], regions: args.regions ?? [] }];
}

/**
 * The contexts the options ask for, without schemes; the whole machine where they name nothing.
 *
 * @throws RangeError naming the option, UsageError, and what reading the machine's memory throws.
 */
export function parseContexts(args: DamosArguments, ram: MachineRam): ContextSpec[] {
  const names = parseTargets(args);
  checkOccurrences(args, PER_CONTEXT, {
    nrGroups: names.length,
    group: 'context',
    hint: '--nr_targets says how many targets each context has',
  });
  const contexts = names.map((one, index) => {
    const nids = parseNumbers(args.numa_node?.[index], '--numa_node');
    return buildContext(pickMonitoring(args, index), one, nids, ram);
  });
  const nrTargets = contexts.reduce((sum, { targets }) => sum + targets.length, 0);
  const [given] = parseNumbers(args.nr_targets, '--nr_targets') ?? [];
  if (names.length === 1 && given !== undefined && given !== nrTargets) {
    throw new RangeError(`--nr_targets: found ${given}, but there are ${nrTargets} targets`);
  }
  const obsolete = parseIndexes(args.obsolete_targets, nrTargets, '--obsolete_targets');
  const paused = parseIndexes(args.pause_ctx, contexts.length, '--pause_ctx');
  const probes = parseProbes(args, contexts.length);
  const addrUnit = parseAddrUnit(args, contexts);
  let targetIndex = 0;
  return contexts.map((context, index) => ({
    ...context,
    ...(addrUnit !== 1n && { addrUnit }),
    ...(paused.has(index) && { isPaused: true }),
    ...((probes[index] ?? []).length > 0 && { probes: probes[index] ?? [] }),
    targets: context.targets.map((target) =>
      obsolete.has(targetIndex++) ? { ...target, isObsolete: true } : target,
    ),
  }));
}

/** The period of the kernel's own refresh, in ms; 0 for none. @throws RangeError */
export function parseRefreshMs(args: DamosArguments): number {
  return parseUint32Ms(args.refresh_stat ?? '0', '--refresh_stat');
}
