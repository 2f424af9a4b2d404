import { SOURCE_NAMES, type SourceName } from '../damon/observation.ts';
import { getValue, type MachineFacts } from './machineFacts.ts';
import { canWriteRootFiles } from './privileges.ts';

export interface SourceFinding {
  readonly name: SourceName;
  /** Why it cannot be used; undefined = it can. */
  readonly problem: string | undefined;
}

const NO_WRITE = 'it writes files of root: run as root or with CAP_DAC_OVERRIDE';

function mayWrite({ privileges }: MachineFacts): boolean {
  const value = getValue(privileges);
  return value === undefined || canWriteRootFiles(value);
}

function findTraceProblem(facts: MachineFacts): string | undefined {
  const tracepoints = getValue(facts.tracepoints);
  if (!facts.isTracefsMounted) return 'tracefs is not mounted';
  if (facts.hasDebugfsInterface && !facts.hasSysfsInterface) {
    return 'events of kernels before Linux 5.18 are not understood';
  }
  if (tracepoints === undefined) return 'the DAMON events in tracefs cannot be listed';
  if (!tracepoints.includes('damon_aggregated')) return 'this kernel has no event damon_aggregated';
  if (facts.lockdown === 'confidentiality') return 'kernel lockdown forbids tracing';
  if (getValue(facts.mounts)?.tracefs?.isReadOnly === true) return 'tracefs is mounted read-only';
  return mayWrite(facts) ? undefined : NO_WRITE;
}

function findSysfsProblem(facts: MachineFacts): string | undefined {
  if (!facts.hasSysfsInterface) return 'there is no DAMON sysfs interface';
  if ('error' in facts.nrKdamonds) return 'the DAMON sysfs files cannot be read';
  if (facts.supports.get('tried_regions') === 'absent')
    return 'region snapshots came with Linux 6.2';
  if (getValue(facts.mounts)?.sysfs?.isReadOnly === true) return 'sysfs is mounted read-only';
  return mayWrite(facts) ? findRival(facts) : NO_WRITE;
}

/** Snapshots through sysfs need a kdamond of our own, and DAMON is not shared. */
function findRival(facts: MachineFacts): string | undefined {
  if (getValue(facts.damonStat)?.isEnabled === true) return 'DAMON_STAT keeps others from starting';
  const module = getValue(facts.modules)?.find(({ isEnabled }) => isEnabled);
  if (module !== undefined) return `${module.name.toUpperCase()} keeps others from starting`;
  return getValue(facts.nrKdamonds) === 0
    ? undefined
    : 'kdamonds staged by somebody would be lost if another was added';
}

function findDamonStatProblem({ damonStat }: MachineFacts): string | undefined {
  if ('error' in damonStat) return 'the parameters of DAMON_STAT cannot be read';
  if (damonStat.value === undefined)
    return 'this kernel has no DAMON_STAT (Linux 6.17 and later, CONFIG_DAMON_STAT)';
  return damonStat.value.isEnabled ? undefined : 'DAMON_STAT is off';
}

/** Each source with what stands in its way, in order of preference. */
export function findSources(facts: MachineFacts): SourceFinding[] {
  const problems: Readonly<Record<SourceName, string | undefined>> = {
    trace: findTraceProblem(facts),
    sysfs: findSysfsProblem(facts),
    damon_stat: findDamonStatProblem(facts),
  };
  return SOURCE_NAMES.map((name) => ({ name, problem: problems[name] }));
}
