import type { KernelFs, KernelPath } from './kernelFs.ts';

const MOUNT: KernelPath = 'sys/fs/cgroup';

/** Where paths of memory cgroups begin; undefined where no hierarchy can be seen. */
function findMemoryHierarchy(fs: KernelFs): KernelPath | undefined {
  if (fs.exists(`${MOUNT}/cgroup.controllers`)) return MOUNT;
  const first: KernelPath = `${MOUNT}/memory`;
  return fs.exists(`${first}/cgroup.procs`) ? first : undefined;
}

/** What identifies each control group now; undefined for those that are not there. */
export type CgroupIds = ReadonlyMap<string, bigint | undefined>;

/**
 * Looks for memory cgroups, with v1 and v2. A group that is made anew is another one to the kernel,
 * whatever its name.
 *
 * Files: `/sys/fs/cgroup`
 * Absent: undefined where no hierarchy can be seen, so that nothing can be said
 */
export function identifyCgroups(fs: KernelFs, paths: Iterable<string>): CgroupIds | undefined {
  const hierarchy = findMemoryHierarchy(fs);
  if (hierarchy === undefined) return undefined;
  return new Map(Array.from(paths, (path) => [path, fs.identify(`${hierarchy}${path}`)]));
}
