import {
  CAPABILITIES,
  findAttributeCapability,
  findCapability,
  findValueCapability,
  isSince,
} from '../damon/capabilities.ts';

/** Which kernel is simulated: its version decides what it has, through the capability table. */
export interface KernelModel {
  /** As in /proc/sys/kernel/osrelease. */
  readonly release: string;
  /** Whether its version is this one or later; for what the capability table does not list. */
  isSince(since: string): boolean;
  /** Whether it has the capability with this id. */
  has(capabilityId: string): boolean;
  /** Whether an attribute or directory exists; the path is relative to `kdamonds/<K>`. */
  hasAttribute(path: string): boolean;
  /** The values of the list that an attribute takes. */
  takenValues(path: string, values: readonly string[]): readonly string[];
  readonly stateKeywords: readonly string[];
  readonly tracepoints: readonly string[];
  /** Requests are answered after the next sampling; before, after the next aggregation. */
  readonly answersAfterSampling: boolean;
  /** What a command gets whose kdamond has run but does not run now. */
  readonly notRunningErrno: 'ECANCELED' | 'EINVAL';
  /** What a waiting request gets when its kdamond ends or rests; before, it is told it worked. */
  readonly cancelErrno: 'ECANCELED' | undefined;
  /** A commit of nonsense is refused; before, it is taken and ends the kdamond. */
  readonly refusesBadCommits: boolean;
  /** Every waiting request holds the global lock; before, only a walk over regions does. */
  readonly holdsLockForCalls: boolean;
  /** A commit is taken also while watermarks keep the kdamond resting; before, it waits. */
  readonly commitsWhileResting: boolean;
  /** `tried_regions/<R>` are numbered per scheme; before, through all schemes. */
  readonly numbersRegionsPerScheme: boolean;
  /** Configured ranges start out cut into the minimum number of regions; before, only vaddr's. */
  readonly cutsConfiguredRanges: boolean;
  /** Filters by page are looked at for `stat` in the memory of processes. */
  readonly judgesVirtualPages: boolean;
  /** DAMON's modules take all RAM; before, its largest range. */
  readonly modulesMonitorAllRam: boolean;
}

/** @param version like "6.12"; anything `isSince` understands. */
export function createKernelModel(version: string): KernelModel {
  const has = (id: string): boolean => isSince(version, findCapability(id).since);
  const ofKind = (kind: 'keyword' | 'tracepoint'): string[] =>
    CAPABILITIES.flatMap(({ evidence, since }) => {
      if (!isSince(version, since) || evidence.kind !== kind) return [];
      return [evidence.kind === 'keyword' ? evidence.keyword : evidence.event];
    });
  return {
    release: /^\d+\.\d+$/.test(version) ? `${version}.0-simulated` : version,
    isSince: (since) => isSince(version, since),
    has,
    hasAttribute: (path) => isSince(version, findAttributeCapability(path)?.since ?? '5.18'),
    takenValues: (path, values) =>
      values.filter((value) => {
        const capability = findValueCapability(path, value);
        return capability === undefined || isSince(version, capability.since);
      }),
    stateKeywords: ofKind('keyword'),
    tracepoints: ofKind('tracepoint'),
    answersAfterSampling: has('prompt_update'),
    notRunningErrno: has('prompt_update') ? 'ECANCELED' : 'EINVAL',
    cancelErrno: has('prompt_update') ? 'ECANCELED' : undefined,
    refusesBadCommits: has('checked_commit'),
    holdsLockForCalls: has('prompt_update'),
    commitsWhileResting: has('checked_commit'),
    numbersRegionsPerScheme: has('prompt_update'),
    cutsConfiguredRanges: has('prompt_update'),
    judgesVirtualPages: isSince(version, '6.19'),
    modulesMonitorAllRam: isSince(version, '7.2'),
  };
}
