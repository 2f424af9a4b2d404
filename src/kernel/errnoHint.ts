import {
  findAttributeCapability,
  findValueCapability,
  type Capability,
} from '../damon/capabilities.ts';

export interface FailedOperation {
  readonly operation: string;
  /** As in KernelPath, or the path on the machine: only its end is looked at. */
  readonly path: string;
  readonly value?: string;
}

function explainSince({ title, since }: Capability): string {
  return `${title} came with Linux ${since}`;
}

function describeStateBusy(value: string | undefined): string {
  return value === 'on'
    ? 'another user of DAMON runs (DAMON_STAT, DAMON_RECLAIM, DAMON_LRU_SORT or another kdamond), ' +
        'or this kdamond is on already'
    : 'another program waits in a write to a state file; try again';
}

function describeState(errno: string, value: string | undefined): string | undefined {
  switch (errno) {
    case 'EBUSY':
      return describeStateBusy(value);
    case 'EINVAL':
      return value === 'on'
        ? 'what is staged cannot run: check processes, regions (sorted, start below end), ' +
            'intervals (sample at most aggregation), nr_regions (3 <= min <= max) and the control ' +
            'groups of probes'
        : 'this kernel lacks the keyword, or the kdamond never ran';
    case 'ENOMEM':
      return 'also the answer to a memcg filter without an existing cgroup and to an addr filter whose start is above its end';
    case 'EPERM':
      return 'the kdamond is off already';
    case 'ECANCELED':
      return 'the kdamond is off, paused, or kept inactive by watermarks';
    default:
      return undefined;
  }
}

function describePermission(operation: string): string {
  const capability = operation === 'read' || operation === 'list' ? 'READ_SEARCH' : 'OVERRIDE';
  return `run as root or with CAP_DAC_${capability}`;
}

/**
 * What an errno of a kernel file means and what to do, for the end of an error message. Undefined
 * where the errno says it all.
 */
export function describeErrno(errno: string, failed: FailedOperation): string | undefined {
  const { operation, path, value } = failed;
  const relative = /(?:^|\/)kdamonds\/\d+\/(.+)$/.exec(path)?.[1];
  if (relative === 'state' && operation === 'write') {
    const hint = describeState(errno, value);
    if (hint !== undefined) return hint;
  }
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
      return describePermission(operation);
    case 'EROFS':
      return 'mounted read-only here; in a container bind-mount it writable';
    case 'ENOENT': {
      const capability = relative === undefined ? undefined : findAttributeCapability(relative);
      return capability === undefined ? 'not there' : `not there; ${explainSince(capability)}`;
    }
    case 'EBUSY':
      return 'another writer holds DAMON, or a kdamond is on; try again';
    case 'EINVAL': {
      const capability =
        relative === undefined || value === undefined
          ? undefined
          : findValueCapability(relative, value);
      return capability === undefined
        ? 'this kernel does not take the value'
        : `this kernel does not take the value; ${explainSince(capability)}`;
    }
    case 'ERANGE':
      return 'too large for this file';
    default:
      return undefined;
  }
}
