import type { DirNode, KernelNode } from './kernelNode.ts';
import { createTextFile, createVirtualDir } from './kernelNode.ts';
import type { Machine } from './machine.ts';

const CONTROLLERS = 'cpuset cpu io memory pids\n';

/**
 * `sys/fs/cgroup`: the control groups of the processes that run, and those above them, as of cgroup
 * v2; a group goes with its last process. What they limit is not simulated.
 */
export function createCgroupFs(machine: Machine): DirNode {
  return createCgroupDir(machine, '');
}

function listGroups(machine: Machine): readonly { readonly pid: number; readonly group: string }[] {
  return Array.from(machine.processes, ([pid, { workload }]) => ({
    pid,
    group: workload.cgroup === '/' ? '' : workload.cgroup,
  }));
}

/** `path`: "" for the root, else as in `proc/<pid>/cgroup`. */
function createCgroupDir(machine: Machine, path: string): DirNode {
  const files: Readonly<Record<string, KernelNode>> = {
    'cgroup.controllers': createTextFile(() => CONTROLLERS),
    'cgroup.procs': createTextFile(() =>
      listGroups(machine)
        .flatMap(({ pid, group }) => (group === path ? [`${pid}\n`] : []))
        .join(''),
    ),
  };
  const children = (): Set<string> => {
    const inside = listGroups(machine).filter(({ group }) => group.startsWith(`${path}/`));
    return new Set(inside.map(({ group }) => group.slice(path.length + 1).split('/')[0] ?? ''));
  };
  return createVirtualDir(
    () => [...Object.keys(files), ...children()],
    (name) =>
      files[name] ??
      (children().has(name) ? createCgroupDir(machine, `${path}/${name}`) : undefined),
  );
}
