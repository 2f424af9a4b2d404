import type { KdamondConfig, TargetsConfig } from '../config/config.ts';
import type { AddrRange, KdamondSpec, TargetSpec } from '../damon/spec.ts';
import { describeSelector } from '../damon/targetSelector.ts';
import type { PhysicalTargetSelector } from '../damon/targetSelector.ts';
import { findProcesses } from '../kernel/findProcesses.ts';
import type { FindOptions } from '../kernel/findProcesses.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { readSystemRam } from '../kernel/memory.ts';
import { readNodeRam } from '../kernel/numa.ts';

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

function resolveTargets(
  fs: KernelFs,
  config: TargetsConfig,
  { find, before }: { readonly find: FindOptions; readonly before: readonly number[] },
): { readonly targets: readonly TargetSpec[]; readonly missing: readonly string[] } {
  if (config.kind === 'physical') {
    return { targets: [{ regions: resolvePhysical(fs, config.target) }], missing: [] };
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
  return { targets: orderLike([...byPid.values()], before), missing };
}

/**
 * Finds what each target of a kdamond stands for.
 *
 * @param before Pids of its targets so far, by place.
 * @throws KernelError when where to look cannot be read.
 */
export function resolveKdamond(
  fs: KernelFs,
  config: KdamondConfig,
  options: { readonly find: FindOptions; readonly before: readonly number[] },
): ResolvedKdamond {
  const { targets, missing } = resolveTargets(fs, config.targets, options);
  const { refreshMs, context, schemes } = config;
  if (targets.length === 0) return { spec: undefined, missing };
  const spec: KdamondSpec = {
    ...(refreshMs !== undefined && { refreshMs }),
    contexts: [{ ...context, targets, schemes }],
  };
  return { spec, missing };
}
