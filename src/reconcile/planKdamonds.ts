import type { KdamondSpec } from '../damon/spec.ts';
import { readIfPresent, readWord } from '../kernel/attribute.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import { KDAMONDS } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { applyPlannedWrites, planKdamondWrites, stageKdamond } from '../kernel/stage.ts';
import type { PlannedWrite } from '../kernel/writePlan.ts';
import { classifyChange } from './changeKdamond.ts';
import { checkSupported } from './checkSupported.ts';
import { NR_KDAMONDS } from './freeDamon.ts';
import type { WantedSpecs } from './ownedSet.ts';
import { completeOwnSpec, planChange } from './runningKdamond.ts';
import type { ReconcileDeps, RunningKdamond } from './runningKdamond.ts';

/** What would become of one kdamond; nothing of it is done. */
export interface KdamondPlan {
  readonly index: number;
  /** `wait`: there is nothing to monitor; `stop`: any more. */
  readonly manner: 'unchanged' | 'commit' | 'restart' | 'start' | 'stop' | 'wait';
  /** In order, with those that start, stop and commit. */
  readonly writes: readonly PlannedWrite[];
}

export interface PlanOptions {
  /** Kdamonds of ours as they are now, by index; empty where none are. */
  readonly running: readonly (RunningKdamond | undefined)[];
  /**
   * A kernel with the same features whose DAMON can be written to: files exist only in directories
   * that somebody has made.
   */
  readonly scratch: KernelFs;
}

const COUNT = /\/nr_[a-z]+$/;

function planState(index: number, value: string, before: string, why: string): PlannedWrite {
  return { path: `${KDAMONDS}/${index}/state`, value, before, why };
}

/** Over the kernel's defaults, in a kdamond directory that is empty. */
async function planFresh(
  scratch: KernelFs,
  index: number,
  spec: KdamondSpec,
  retry: BusyRetry,
): Promise<readonly PlannedWrite[]> {
  const makeAnew = (): Promise<void> =>
    applyPlannedWrites(
      scratch,
      ['0', String(index + 1)].map((value) => ({ path: NR_KDAMONDS, value })),
      retry,
    );
  await makeAnew();
  const supports = await stageKdamond(scratch, index, spec, retry);
  checkSupported(scratch.describePath(`${KDAMONDS}/${index}`), spec, supports);
  await makeAnew();
  const writes = planKdamondWrites(scratch, index, completeOwnSpec(spec, supports), supports);
  await applyPlannedWrites(
    scratch,
    writes.filter(({ path }) => COUNT.test(path)),
    retry,
  );
  return writes.flatMap((write): PlannedWrite[] => {
    if (COUNT.test(write.path)) return write.value === '0' ? [] : [{ ...write, before: '0' }];
    const before = readIfPresent(readWord, scratch, write.path)?.replace(/\n+$/, '');
    return before === write.value ? [] : [{ ...write, before }];
  });
}

async function planOne(
  deps: ReconcileDeps,
  index: number,
  {
    spec,
    running,
    scratch,
  }: Omit<PlanOptions, 'running'> & {
    readonly spec: KdamondSpec | undefined;
    readonly running: RunningKdamond | undefined;
  },
): Promise<KdamondPlan> {
  if (spec === undefined) {
    if (running === undefined) return { index, manner: 'wait', writes: [] };
    return { index, manner: 'stop', writes: [planState(index, 'off', 'on', 'stop it')] };
  }
  const fresh = async (): Promise<readonly PlannedWrite[]> => [
    ...(await planFresh(scratch, index, spec, deps.retry)),
    planState(index, 'on', 'off', 'start it'),
  ];
  if (running === undefined) return { index, manner: 'start', writes: await fresh() };
  const changes = planChange(deps, running, spec);
  const { manner, isCleared } = classifyChange(running, spec, changes);
  if (manner === 'unchanged') return { index, manner, writes: [] };
  if (manner === 'restart') {
    const stop = planState(
      index,
      'off',
      'on',
      'stop it: the kernel cannot change this while it runs',
    );
    return { index, manner, writes: [stop, ...(await fresh())] };
  }
  const clear: PlannedWrite[] = isCleared
    ? [
        {
          path: `${KDAMONDS}/${index}/contexts/0/schemes/nr_schemes`,
          value: '0',
          before: String(running.spec.contexts[0]?.schemes.length ?? 0),
          why: 'so that no scheme gets the counters of another one',
        },
        planState(index, 'commit', 'on', 'tell the running kdamond'),
      ]
    : [];
  const commit = planState(index, 'commit', 'on', 'tell the running kdamond');
  return { index, manner, writes: [...clear, ...changes, commit] };
}

/**
 * What would be written to make kdamonds of ours do what the specs say.
 *
 * @throws KernelError naming what this kernel lacks.
 */
export async function planKdamonds(
  deps: ReconcileDeps,
  specs: WantedSpecs,
  { running, scratch }: PlanOptions,
): Promise<{ readonly directories: readonly PlannedWrite[]; readonly kdamonds: KdamondPlan[] }> {
  const isResized = running.length !== specs.length;
  const count = { path: NR_KDAMONDS, value: String(specs.length) };
  const directories: readonly PlannedWrite[] = isResized
    ? [{ ...count, before: String(running.length), why: 'directories of our kdamonds' }]
    : [];
  const kdamonds: KdamondPlan[] = [];
  for (const [index, spec] of specs.entries()) {
    const now = isResized ? undefined : running[index];
    kdamonds.push(await planOne(deps, index, { spec, running: now, scratch }));
  }
  return { directories, kdamonds };
}
