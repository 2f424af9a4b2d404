import type { DamonConfig } from '../config/config.ts';
import { listFilters } from '../damon/schemeProblems.ts';
import type { FilterSpec, ProbeSpec, SchemeSpec } from '../damon/spec.ts';
import { identifyCgroups } from '../kernel/cgroups.ts';
import type { CgroupIds } from '../kernel/cgroups.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';

function listGiven(paths: readonly (string | undefined)[]): string[] {
  return paths.flatMap((path) => (path === undefined || path === '' ? [] : [path]));
}

function listFilterCgroups(filters: readonly FilterSpec[]): string[] {
  return listGiven(filters.map(({ memcgPath }) => memcgPath));
}

/** The memory cgroups a scheme is about, by its filters and goals. */
export function listCgroups(scheme: SchemeSpec): string[] {
  const goals = scheme.quotas.goals ?? [];
  return [...listFilterCgroups(listFilters(scheme)), ...listGiven(goals.map(({ path }) => path))];
}

/** The memory cgroups a probe looks for. */
export function listProbeCgroups({ filters }: ProbeSpec): string[] {
  return listFilterCgroups(filters);
}

/** Tells which control groups no scheme or probe can be about at the moment. */
export interface CgroupWatch {
  /**
   * Those that are not there, and, once, those that were made anew since the last look: the kernel
   * goes on looking for the old one until a scheme or probe is taken away and comes back.
   */
  findAbsent(config: DamonConfig): ReadonlySet<string>;
}

export function createCgroupWatch(fs: KernelFs): CgroupWatch {
  let last: CgroupIds = new Map();
  return {
    findAbsent: ({ kdamonds }) => {
      const paths = kdamonds.flatMap(({ context, schemes }) => [
        ...schemes.flatMap(listCgroups),
        ...(context.probes ?? []).flatMap(listProbeCgroups),
      ]);
      const now = identifyCgroups(fs, paths);
      if (now === undefined) return new Set();
      const isUsable = (path: string, id: bigint | undefined): boolean =>
        id !== undefined && (last.get(path) ?? id) === id;
      const absent = [...now].filter(([path, id]) => !isUsable(path, id)).map(([path]) => path);
      last = now;
      return new Set(absent);
    },
  };
}
