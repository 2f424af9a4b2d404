import { isKernelErrno, KernelError } from '../base/errors.ts';
import type { Capability } from '../damon/capabilities.ts';
import type { KdamondSpec } from '../damon/spec.ts';
import { withBusyRetry, type BusyRetry } from './busyRetry.ts';
import { probeCapabilities, type CapabilitySupports } from './capabilityProbe.ts';
import { KDAMONDS, readRunState } from './kdamonds.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';
import { planKdamond } from './planKdamond.ts';
import { createWritePlan, listNeededCapabilities, type PlannedWrite } from './writePlan.ts';

/** One of everything: what a stopped kdamond needs for its files to show what the kernel has. */
const SKELETON = [
  'contexts/nr_contexts',
  'contexts/0/monitoring_attrs/probes/nr_probes',
  'contexts/0/monitoring_attrs/probes/0/filters/nr_filters',
  'contexts/0/targets/nr_targets',
  'contexts/0/schemes/nr_schemes',
  'contexts/0/schemes/0/dests/nr_dests',
  'contexts/0/schemes/0/quotas/goals/nr_goals',
  'contexts/0/schemes/0/filters/nr_filters',
  'contexts/0/schemes/0/core_filters/nr_filters',
  'contexts/0/schemes/0/ops_filters/nr_filters',
] as const;

/**
 * The writes that would stage the spec in kdamond `index`, which must exist; does none of them.
 *
 * @throws KernelError naming everything the spec asks for that this kernel is seen to lack.
 */
export function planKdamondWrites(
  fs: KernelFs,
  index: number,
  spec: KdamondSpec,
  supports: CapabilitySupports,
): readonly PlannedWrite[] {
  const plan = createWritePlan(fs, supports);
  planKdamond(plan, index, spec);
  const lacking = listNeededCapabilities(plan.writes).filter(
    ({ id }) => supports.get(id) === 'absent',
  );
  if (lacking.length > 0) throw createLackError(fs, index, lacking);
  return plan.writes;
}

function createLackError(fs: KernelFs, index: number, lacking: readonly Capability[]): KernelError {
  const names = lacking.map(({ title, since }) => `${title} (Linux ${since})`).join(', ');
  return new KernelError({
    operation: 'stage',
    path: fs.describePath(`${KDAMONDS}/${index}`),
    hint: `this kernel lacks ${names}; nothing was staged`,
  });
}

type Write = Pick<PlannedWrite, 'path' | 'value'>;

function write(fs: KernelFs, { path, value }: Write, retry: BusyRetry): Promise<void> {
  return withBusyRetry(() => {
    fs.writeText(path, value);
  }, retry);
}

/** Does planned writes in order; stops at the first failure, which names the file and the value. */
export async function applyPlannedWrites(
  fs: KernelFs,
  writes: readonly Write[],
  retry: BusyRetry,
): Promise<void> {
  for (const planned of writes) await write(fs, planned, retry);
}

async function isTaken(fs: KernelFs, planned: PlannedWrite, retry: BusyRetry): Promise<boolean> {
  try {
    await write(fs, planned, retry);
    return true;
  } catch (error) {
    if (isKernelErrno(error, 'EINVAL', 'ENOENT')) return false;
    throw error;
  }
}

/** The same file in the first directory of its kind: the only one a skeleton has. */
function toSkeletonPath(index: number, path: KernelPath): KernelPath {
  const kdamond: KernelPath = `${KDAMONDS}/${index}`;
  const parts = path.slice(kdamond.length + 1).split('/');
  return `${kdamond}/${parts.map((part) => (/^\d+$/.test(part) ? '0' : part)).join('/')}`;
}

/** Completes what is known by writing values where they do nothing: on the skeleton. */
async function tryValues(
  fs: KernelFs,
  index: number,
  { spec, supports, retry }: { spec: KdamondSpec; supports: CapabilitySupports; retry: BusyRetry },
): Promise<CapabilitySupports> {
  const known = new Map(supports);
  for (const planned of planKdamondWrites(fs, index, spec, supports)) {
    for (const { id, evidence } of listNeededCapabilities([planned])) {
      if (evidence.kind !== 'value' || known.get(id) !== 'unknown') continue;
      const trial = { ...planned, path: toSkeletonPath(index, planned.path) };
      known.set(id, (await isTaken(fs, trial, retry)) ? 'present' : 'absent');
    }
  }
  return known;
}

/**
 * What the kernel has of all the spec asks for. Files exist only in directories that do, so the
 * kdamond is given one of everything, looked at, and emptied again.
 */
async function probeWithSkeleton(
  fs: KernelFs,
  index: number,
  spec: KdamondSpec,
  retry: BusyRetry,
): Promise<CapabilitySupports> {
  const kdamond: KernelPath = `${KDAMONDS}/${index}`;
  const setContexts = (value: string): Promise<void> =>
    write(fs, { path: `${kdamond}/contexts/nr_contexts`, value }, retry);
  try {
    for (const file of SKELETON) {
      const path: KernelPath = `${kdamond}/${file}`;
      if (fs.exists(path)) await write(fs, { path, value: '1' }, retry);
    }
    return await tryValues(fs, index, { spec, supports: probeCapabilities(fs), retry });
  } finally {
    await setContexts('0');
  }
}

/**
 * Stages a spec in a stopped kdamond of our own, over fresh defaults: whatever was staged there
 * before is gone. Resolves to what the kernel was seen to have, of use to later plans.
 *
 * @throws KernelError naming everything the spec asks for that this kernel lacks, before anything
 * of the spec is staged; EBUSY when the kdamond runs.
 */
export async function stageKdamond(
  fs: KernelFs,
  index: number,
  spec: KdamondSpec,
  retry: BusyRetry,
): Promise<CapabilitySupports> {
  if ((await readRunState(fs, index, retry)).isRunning) {
    throw new KernelError({
      operation: 'stage',
      path: fs.describePath(`${KDAMONDS}/${index}`),
      errno: 'EBUSY',
      hint: 'the kdamond runs; stop it first',
    });
  }
  const supports = await probeWithSkeleton(fs, index, spec, retry);
  await applyPlannedWrites(fs, planKdamondWrites(fs, index, spec, supports), retry);
  return supports;
}
