import { KernelError } from '../../base/errors.ts';
import { KDAMONDS } from '../../kernel/kdamonds.ts';
import { readKeptKdamonds } from '../../reconcile/adoptKdamonds.ts';
import { checkFree, checkContexts } from '../../reconcile/freeDamon.ts';
import type { OwnershipRecord } from '../../reconcile/ownership.ts';
import type { OwnershipDeps } from '../../reconcile/ownershipDeps.ts';
import { planKdamonds } from '../../reconcile/planKdamonds.ts';
import type { RunningKdamond } from '../../reconcile/runningKdamond.ts';
import { createOwnKernel, parseTakeover } from '../collecting/ownMonitoring.ts';
import { createStderrLogger } from '../createStderrLogger.ts';
import { openMachineKernel, readBootId } from '../kernelAccess.ts';
import { formatPlan } from './formatPlan.ts';
import type { ChangingArguments } from './changingOptions.ts';
import { createScratchKernel } from './scratchKernel.ts';
import { readWantedKdamonds } from './wantedKdamonds.ts';
import type { WantedKdamond } from './wantedKdamonds.ts';

export interface PlanArguments extends ChangingArguments {
  readonly kernel?: string | undefined;
}

export interface PlanningOptions {
  readonly args: Pick<PlanArguments, 'kernel' | 'takeover'>;
  readonly deps: OwnershipDeps;
  readonly wanted: readonly WantedKdamond[];
}

/** Kdamonds of ours that a change would be told to; undefined where none are. */
function findOurs({ fs, store }: OwnershipDeps): OwnershipRecord | undefined {
  const record = store.read();
  return record?.bootId === readBootId(fs) ? record : undefined;
}

/** What is in the way of a start on this machine, found out without changing anything. */
async function checkStart({ args, deps, wanted }: PlanningOptions): Promise<void> {
  for (const { spec } of wanted) if (spec) checkContexts(deps.fs, spec.contexts);
  await checkFree(deps, parseTakeover(args.takeover ?? []));
}

/**
 * Prints the writes that would make the kernel do what is wanted, and does none of them.
 *
 * @throws KernelError naming what this kernel lacks; also for what is in the way of doing it now,
 *   after the plan was printed.
 */
export async function printPlan(options: PlanningOptions): Promise<void> {
  const { args, deps, wanted } = options;
  const { fs } = deps;
  const isThisMachine = args.kernel === undefined;
  const scratch = createScratchKernel(args.kernel, fs);
  const ours = isThisMachine ? findOurs(deps) : undefined;
  const running: readonly (RunningKdamond | undefined)[] =
    ours === undefined ? [] : await readKeptKdamonds(deps, ours);
  const plan = await planKdamonds(
    deps,
    wanted.map(({ spec }) => spec),
    { running, scratch: scratch.fs },
  );
  const where = `Writes below ${fs.describePath(KDAMONDS)} on ${scratch.title}; none of them is done:`;
  process.stdout.write(formatPlan(plan, wanted, where));
  if (isThisMachine && ours === undefined) await checkPossible(options);
}

async function checkPossible(options: PlanningOptions): Promise<void> {
  try {
    await checkStart(options);
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    throw new KernelError({
      operation: 'do what is planned on',
      path: 'this machine',
      hint: `it would be refused now: ${error.message}`,
      cause: error,
    });
  }
}

/** @throws UsageError, ConfigError, KernelError. */
export async function runPlan(args: PlanArguments): Promise<void> {
  const { fs } = openMachineKernel(args);
  const wanted = await readWantedKdamonds(args, fs);
  const { deps } = createOwnKernel({ ...args, source: 'auto' }, fs, createStderrLogger(args));
  await printPlan({ args, deps, wanted });
}
