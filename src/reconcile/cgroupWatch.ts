import type { DamonConfig } from '../config/config.ts';
import { listFilters } from '../damon/schemeProblems.ts';
import type { SchemeSpec } from '../damon/spec.ts';
import { identifyCgroups } from '../kernel/cgroups.ts';
import type { CgroupIds } from '../kernel/cgroups.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';

/** The memory cgroups a scheme is about, by its filters and goals. */
export function listCgroups(scheme: SchemeSpec): string[] {
  const paths = [
    ...listFilters(scheme).map(({ memcgPath }) => memcgPath),
    ...(scheme.quotas.goals ?? []).map(({ path }) => path),
  ];
  return paths.flatMap((path) => (path === undefined || path === '' ? [] : [path]));
}

/** Tells which control groups no scheme can be about at the moment. */
export interface CgroupWatch {
  /**
   * Those that are not there, and, once, those that were made anew since the last look: the kernel
   * goes on looking for the old one until a scheme is taken away and comes back.
   */
  findAbsent(config: DamonConfig): ReadonlySet<string>;
}

export function createCgroupWatch(fs: KernelFs): CgroupWatch {
  let last: CgroupIds = new Map();
  return {
    findAbsent: ({ kdamonds }) => {
      const paths = kdamonds.flatMap(({ schemes }) => schemes.flatMap(listCgroups));
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
