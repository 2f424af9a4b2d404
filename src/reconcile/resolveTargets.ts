import type { KdamondConfig, TargetsConfig } from '../config/config.ts';
import type { AddrRange, KdamondSpec, TargetSpec } from '../damon/spec.ts';
import { describeSelector } from '../damon/targetSelector.ts';
import type { PhysicalTargetSelector } from '../damon/targetSelector.ts';
import { findProcesses } from '../kernel/findProcesses.ts';
import type { FindOptions } from '../kernel/findProcesses.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { readSystemRam } from '../kernel/memory.ts';
import { readNodeRam } from '../kernel/numa.ts';
import { listCgroups, listProbeCgroups } from './cgroupWatch.ts';
import { placeTargetFilters } from './targetFilters.ts';
import type { TargetPlaces } from './targetFilters.ts';

/** What a configured kdamond is to be told right now. */
export interface ResolvedKdamond {
  /** Undefined where there is nothing to monitor. */
  readonly spec: KdamondSpec | undefined;
  /** What was looked for and not found, in words. */
  readonly missing: readonly string[];
}

function resolvePhysical(fs: KernelFs, selector: PhysicalTargetSelector): readonly AddrRange[] {
  const { regions, numaNodes } = selector;
  if (regions.length > 0) return regions;
  return numaNodes.length > 0 ? readNodeRam(fs, numaNodes) : readSystemRam(fs);
}

/** Those of before keep their order, and with it their place; new ones come behind. */
function orderLike(targets: readonly TargetSpec[], before: readonly number[]): TargetSpec[] {
  const place = ({ pid }: TargetSpec): number => {
    const index = before.indexOf(pid ?? 0);
    return index < 0 ? before.length : index;
  };
  return targets.toSorted((left, right) => place(left) - place(right));
}

interface ResolvedTargets {
  readonly targets: readonly TargetSpec[];
  /** Of each configured target. */
  readonly places: TargetPlaces;
  readonly missing: readonly string[];
}

function resolveTargets(
  fs: KernelFs,
  config: TargetsConfig,
  { find, before }: { readonly find: FindOptions; readonly before: readonly number[] },
): ResolvedTargets {
  if (config.kind === 'physical') {
    const targets = [{ regions: resolvePhysical(fs, config.target) }];
    return { targets, places: [[0]], missing: [] };
  }
  const selectors = config.targets.map(({ selector }) => selector);
  const found = findProcesses(fs, selectors, find);
  const byPid = new Map<number, TargetSpec>();
  for (const [index, { regions }] of config.targets.entries()) {
    for (const pid of found[index] ?? []) {
      // Where several selectors find a process, the first one's regions hold.
      if (!byPid.has(pid)) byPid.set(pid, { pid, regions });
    }
  }
  const missing = selectors
    .filter((_selector, index) => (found[index] ?? []).length === 0)
    .map(describeSelector);
  const targets = orderLike([...byPid.values()], before);
  const places = selectors.map((_selector, index) =>
    targets.flatMap(({ pid = 0 }, place) => ((found[index] ?? []).includes(pid) ? [place] : [])),
  );
  return { targets, places, missing };
}

export interface ResolveOptions {
  readonly find: FindOptions;
  /** Pids of its targets so far, by place. */
  readonly before: readonly number[];
  /** Control groups that are not there: the kernel would refuse what is about them. */
  readonly absentCgroups: ReadonlySet<string>;
}

/**
 * Finds what each target of a kdamond stands for, and leaves out schemes and probes that are about
 * control groups which are not there.
 *
 * @throws KernelError when where to look cannot be read.
 */
export function resolveKdamond(
  fs: KernelFs,
  config: KdamondConfig,
  options: ResolveOptions,
): ResolvedKdamond {
  const { targets, places, missing: missingTargets } = resolveTargets(fs, config.targets, options);
  const { refreshMs, context, schemes } = config;
  const isAbsent = (path: string): boolean => options.absentCgroups.has(path);
  const { probes } = context;
  const cgroups = [...schemes.flatMap(listCgroups), ...(probes ?? []).flatMap(listProbeCgroups)];
  const absent = new Set(cgroups.filter(isAbsent));
  const missing = [...missingTargets, ...Array.from(absent, (path) => `control group ${path}`)];
  if (targets.length === 0) return { spec: undefined, missing };
  const usable = schemes
    .filter((scheme) => !listCgroups(scheme).some(isAbsent))
    .map((scheme) => placeTargetFilters(scheme, places, targets.length));
  const usableProbes = probes?.filter((probe) => !listProbeCgroups(probe).some(isAbsent));
  const spec: KdamondSpec = {
    ...(refreshMs !== undefined && { refreshMs }),
    contexts: [
      {
        ...context,
        ...(usableProbes && { probes: usableProbes }),
        targets,
        schemes: usable,
      },
    ],
  };
  return { spec, missing };
}
