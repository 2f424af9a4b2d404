import type { SourceName } from '../damon/observation.ts';
import type { BusyRetry } from './busyRetry.ts';
import { findSources, type SourceFinding } from './diagnoseSources.ts';
import type { KernelFs } from './kernelFs.ts';
import { getValue, readMachineFacts, type MachineFacts } from './machineFacts.ts';

export type Severity = 'ok' | 'note' | 'warning' | 'problem';

export interface Finding {
  /** Stable, for scripts: `tracefs`, `damon_stat`, … */
  readonly id: string;
  readonly severity: Severity;
  /** One sentence, what was found. */
  readonly summary: string;
  /** What to do about it, where there is something to do. */
  readonly advice?: string;
}

export interface Diagnosis {
  readonly findings: readonly Finding[];
  /** Every source, in order of preference; why not, where it cannot be used. */
  readonly sources: readonly SourceFinding[];
  /** Whether any source is. */
  readonly isUsable: boolean;
}

const USEFUL_CONFIG = ['CONFIG_DAMON_VADDR', 'CONFIG_DAMON_PADDR'];

function findKernel({ release, config }: MachineFacts): Finding[] {
  const kernel: Finding =
    'value' in release
      ? { id: 'kernel', severity: 'ok', summary: `Linux ${release.value}` }
      : { id: 'kernel', severity: 'note', summary: release.error.message };
  if (config === undefined) {
    const summary = 'the kernel configuration is neither in /boot nor in /proc/config.gz';
    return [kernel, { id: 'config', severity: 'note', summary }];
  }
  const isMissing = (name: string): boolean => config.get(name) !== 'y';
  if (isMissing('CONFIG_DAMON')) {
    const summary = 'the kernel is built without CONFIG_DAMON';
    const advice = 'use a kernel that has it, such as that of Debian 13 or later';
    return [kernel, { id: 'config', severity: 'problem', summary, advice }];
  }
  if (isMissing('CONFIG_DAMON_SYSFS')) {
    const summary = 'the kernel is built without CONFIG_DAMON_SYSFS';
    const advice = 'only kdamonds of modules such as DAMON_STAT can be watched';
    return [kernel, { id: 'config', severity: 'warning', summary, advice }];
  }
  const useful = USEFUL_CONFIG.filter(isMissing);
  if (useful.length > 0) {
    const summary = `the kernel is built without ${useful.join(' and ')}`;
    const advice =
      'VADDR monitors processes, PADDR physical memory: the one missing cannot be used';
    return [kernel, { id: 'config', severity: 'note', summary, advice }];
  }
  return [kernel, { id: 'config', severity: 'ok', summary: 'DAMON is built in, with sysfs' }];
}

function findInterface(facts: MachineFacts): Finding {
  const id = 'sysfs';
  const { nrKdamonds } = facts;
  if (!facts.hasSysfsInterface) {
    return facts.hasDebugfsInterface
      ? {
          id,
          severity: 'problem',
          summary: 'this kernel has only the old debugfs interface of DAMON',
          advice: 'use Linux 5.18 or later with CONFIG_DAMON_SYSFS; 6.12 or later is recommended',
        }
      : {
          id,
          severity: 'problem',
          summary: 'this kernel shows no DAMON: /sys/kernel/mm/damon/admin is not there',
          advice:
            'use Linux 5.18 or later with CONFIG_DAMON_SYSFS; in a container check that /sys is mounted',
        };
  }
  if ('error' in nrKdamonds) {
    return { id, severity: 'problem', summary: nrKdamonds.error.message, advice: RUN_AS };
  }
  const mounts = getValue(facts.mounts);
  if (mounts?.sysfs?.isReadOnly === true) {
    return {
      id,
      severity: 'warning',
      summary: `sysfs is mounted read-only at ${mounts.sysfs.mountPoint}`,
      advice: 'enough to watch; to start kdamonds bind-mount /sys/kernel/mm/damon writable',
    };
  }
  return { id, severity: 'ok', summary: 'DAMON sysfs interface readable' };
}

const RUN_AS =
  'run as root, or with CAP_DAC_READ_SEARCH to watch and CAP_DAC_OVERRIDE to trace and to start kdamonds';

function findPrivileges({ privileges }: MachineFacts): Finding {
  const id = 'privileges';
  if ('error' in privileges) return { id, severity: 'note', summary: privileges.error.message };
  const { uid, capabilities } = privileges.value;
  const held = capabilities.size === 0 ? 'no capability of use' : [...capabilities].join(', ');
  const summary = `running as uid ${uid} with ${held}`;
  if (uid === 0 || capabilities.has('CAP_DAC_OVERRIDE')) return { id, severity: 'ok', summary };
  return { id, severity: 'warning', summary, advice: RUN_AS };
}

function findTracefs(facts: MachineFacts): Finding {
  const id = 'tracefs';
  const { tracepoints } = facts;
  if (!facts.isTracefsMounted) {
    const advice = 'mount -t tracefs tracefs /sys/kernel/tracing';
    return { id, severity: 'warning', summary: 'tracefs is not mounted', advice };
  }
  if ('error' in tracepoints) {
    const isAbsent = tracepoints.error.errno === 'ENOENT';
    return isAbsent
      ? {
          id,
          severity: 'warning',
          summary: 'tracefs has no DAMON events',
          advice: 'use a kernel with CONFIG_FTRACE and DAMON; without, sysfs snapshots remain',
        }
      : { id, severity: 'warning', summary: tracepoints.error.message, advice: RUN_AS };
  }
  if (facts.lockdown === 'confidentiality') {
    const summary = 'kernel lockdown (confidentiality) forbids tracing';
    return {
      id,
      severity: 'warning',
      summary,
      advice: 'use lockdown=integrity or the sysfs source',
    };
  }
  const names = tracepoints.value.filter((name) => name.startsWith('damo')).sort();
  return { id, severity: 'ok', summary: `DAMON events: ${names.join(', ')}` };
}

function findDamonStat({ damonStat }: MachineFacts): Finding[] {
  const id = 'damon_stat';
  if ('error' in damonStat) {
    return [{ id, severity: 'note', summary: damonStat.error.message, advice: RUN_AS }];
  }
  if (damonStat.value === undefined) return [];
  if (!damonStat.value.isEnabled) {
    const summary = 'DAMON_STAT is there but off';
    const advice =
      'to watch all memory without configuration: echo Y > /sys/module/damon_stat/parameters/enabled';
    return [{ id, severity: 'note', summary, advice }];
  }
  return [
    {
      id,
      severity: 'note',
      summary: 'DAMON_STAT watches all memory; no other kdamond can be started meanwhile',
      advice: 'to start kdamonds: echo N > /sys/module/damon_stat/parameters/enabled',
    },
  ];
}

function findModules({ modules }: MachineFacts): Finding[] {
  return (getValue(modules) ?? [])
    .filter(({ isEnabled }) => isEnabled)
    .map(({ name }) => ({
      id: name,
      severity: 'warning',
      summary: `${name.toUpperCase()} runs: no other kdamond can be started, and it resets the age of regions`,
      advice: `if it is not wanted: echo N > /sys/module/${name}/parameters/enabled`,
    }));
}

function findKdamonds(facts: MachineFacts): Finding[] {
  if ('error' in facts.kdamonds && facts.kdamonds.error.errno === 'EBUSY') {
    const summary = 'another program holds DAMON, so that its kdamonds cannot be told apart';
    return [{ id: 'kdamonds', severity: 'note', summary, advice: 'try again' }];
  }
  const running = facts.owners.filter(({ pid }) => pid !== undefined);
  if (running.length === 0) {
    return [
      {
        id: 'kdamonds',
        severity: 'note',
        summary: 'no kdamond runs: there is nothing to watch yet',
      },
    ];
  }
  return running.map(({ label, owner, pid = 0 }) => ({
    id: `kdamond:${label}`,
    severity: owner === 'unknown' ? 'warning' : 'ok',
    summary:
      owner === 'unknown'
        ? `${label} (pid ${pid}) runs; who started it cannot be told`
        : `kdamond ${label} (pid ${pid}) runs, started through ${owner}`,
  }));
}

function findLimits(facts: MachineFacts): Finding[] {
  const findings: Finding[] = [];
  if (!facts.canSeeKernelThreads) {
    findings.push({
      id: 'pid_namespace',
      severity: 'warning',
      summary: 'kernel threads cannot be seen: this is another pid namespace',
      advice:
        'run in the pid namespace of the host (docker: --pid=host; Kubernetes: hostPID: true)',
    });
  }
  if ('error' in facts.systemRam) {
    findings.push({
      id: 'iomem',
      severity: 'note',
      summary: facts.systemRam.error.message,
      advice: 'needed only to monitor physical memory with a kdamond of our own',
    });
  }
  return findings;
}

/** Judges facts: pure, in the order a person would look. */
export function computeDiagnosis(facts: MachineFacts): Diagnosis {
  const sources = findSources(facts);
  return {
    findings: [
      ...findKernel(facts),
      findInterface(facts),
      findPrivileges(facts),
      findTracefs(facts),
      ...findDamonStat(facts),
      ...findModules(facts),
      ...findKdamonds(facts),
      ...findLimits(facts),
    ],
    sources,
    isUsable: sources.some(({ problem }) => problem === undefined),
  };
}

/** What works on this machine, what does not, and what to do. Writes nothing. */
export async function diagnose(fs: KernelFs, retry: BusyRetry): Promise<Diagnosis> {
  return computeDiagnosis(await readMachineFacts(fs, retry));
}

/** Names of the sources that can be used, best first. */
export function listUsableSources({ sources }: Diagnosis): SourceName[] {
  return sources.filter(({ problem }) => problem === undefined).map(({ name }) => name);
}
