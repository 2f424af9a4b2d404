import { createActionModule } from './actionModules.ts';
import { createCgroupFs } from './cgroupFs.ts';
import { createDamonAdmin } from './damonAdmin.ts';
import type { DamonHost } from './damonHost.ts';
import { createDamonStat } from './damonStat.ts';
import type { DamonStatModule } from './damonStat.ts';
import { StaticDir, createTextFile } from './kernelNode.ts';

export interface SysFs {
  readonly dir: StaticDir;
  /** Undefined before 6.17. */
  readonly damonStat: DamonStatModule | undefined;
}

/** `sys`: DAMON's own tree, its modules, control groups, and the list of CPUs. */
export function createSysFs(host: DamonHost, nrCpus: number): SysFs {
  const modules = new StaticDir();
  const damonStat = host.model.has('damon_stat') ? createDamonStat(host) : undefined;
  if (damonStat !== undefined) modules.entries.set('damon_stat', damonStat.dir);
  for (const name of ['damon_reclaim', 'damon_lru_sort'] as const) {
    if (host.model.has(name)) modules.entries.set(name, createActionModule(name, host));
  }
  const online = createTextFile(() => `0-${nrCpus - 1}\n`);
  const dir = new StaticDir({
    kernel: new StaticDir({ mm: new StaticDir({ damon: createDamonAdmin(host) }) }),
    module: modules,
    fs: new StaticDir({ cgroup: createCgroupFs(host.machine) }),
    devices: new StaticDir({
      system: new StaticDir({ cpu: new StaticDir({ online }) }),
    }),
  });
  return { dir, damonStat };
}
