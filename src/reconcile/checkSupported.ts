import { KernelError } from '../base/errors.ts';
import { findOpsFilter } from '../damon/schemeProblems.ts';
import { MIGRATE_ACTIONS } from '../damon/spec.ts';
import type { ContextSpec, KdamondSpec, SchemeSpec } from '../damon/spec.ts';
import type { CapabilitySupports } from '../kernel/capabilityProbe.ts';

/** What files of the same release show: that this kernel does not do it no file says itself. */
function findUnsupported(
  scheme: SchemeSpec,
  { operations }: ContextSpec,
  supports: CapabilitySupports,
): string | undefined {
  const lacks = (capabilityId: string): boolean => supports.get(capabilityId) === 'absent';
  const isOfProcesses = operations !== 'paddr';
  if (MIGRATE_ACTIONS.includes(scheme.action) && isOfProcesses && lacks('dests')) {
    return `this kernel does not do ${scheme.action} with the memory of processes (Linux 6.17), and would not say so`;
  }
  const filter = findOpsFilter(scheme);
  if (scheme.action === 'stat' && filter !== undefined && lacks('ops_filter_passed')) {
    return `this kernel does not count what a filter by ${filter.type} leaves (Linux 6.14), and would not say so`;
  }
  if (
    scheme.action === 'stat' &&
    filter !== undefined &&
    isOfProcesses &&
    lacks('obsolete_target')
  ) {
    return `before Linux 6.19 kernels do not judge a filter by ${filter.type} in the memory of processes (${operations}), and would not say so; use paddr`;
  }
  return undefined;
}

/**
 * What this kernel would take without a word, and then not do.
 *
 * @param place Where it would be staged, for the message.
 * @throws KernelError naming the scheme and the kernel that does it.
 */
export function checkSupported(
  place: string,
  { contexts }: KdamondSpec,
  supports: CapabilitySupports,
): void {
  for (const context of contexts) {
    for (const [index, scheme] of context.schemes.entries()) {
      const problem = findUnsupported(scheme, context, supports);
      if (problem === undefined) continue;
      const name = scheme.name ?? String(index);
      throw new KernelError({
        operation: 'stage',
        path: place,
        hint: `scheme ${name}: ${problem}`,
      });
    }
  }
}
