import { KernelError } from '../base/errors.ts';
import { listSchemeProblems } from '../damon/schemeProblems.ts';
import type { ContextSpec } from '../damon/spec.ts';
import { readInteger } from '../kernel/attribute.ts';
import { KDAMONDS, readKdamonds } from '../kernel/kdamonds.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import {
  DAMON_MODULES,
  getParametersPath,
  readDamonModule,
  readDamonStat,
} from '../kernel/modules.ts';
import { readProcessStat } from '../kernel/processes.ts';
import type { ProcessStat } from '../kernel/processes.ts';
import { listStagedFiles } from '../kernel/stagedFiles.ts';
import type { FoundWrite } from './ownership.ts';
import type { OwnershipDeps } from './ownershipDeps.ts';
import { listStagedValues } from './stagedValues.ts';
import type { StagedValues } from './stagedValues.ts';

export const NR_KDAMONDS: `${typeof KDAMONDS}/nr_kdamonds` = `${KDAMONDS}/nr_kdamonds`;

/** What may be put out of the way, and is put back at the end. */
export interface Takeover {
  /** DAMON_STAT is switched off meanwhile. */
  readonly damonStat: boolean;
  /** Kdamonds that are staged and do not run. */
  readonly stoppedKdamonds: boolean;
}

/** What has to be put out of the way. */
export interface InTheWay {
  readonly damonStat: boolean;
  /** The writes that stage again what lies there; empty where nothing does. */
  readonly found: readonly FoundWrite[];
  /** The same as values, by kdamond. */
  readonly foundStaged: readonly StagedValues[];
}

export function refuseStart(fs: KernelFs, hint: string): never {
  throw new KernelError({ operation: 'start a kdamond in', path: fs.describePath(KDAMONDS), hint });
}

function checkOtherExporter({ fs, store }: OwnershipDeps): void {
  const other = store.read();
  if (other === undefined) return;
  refuseStart(
    fs,
    other.isKept
      ? `one of an earlier start is kept there (${store.location}); end it with the stop command, or change it with tune`
      : `process ${other.exporter.pid} is an exporter with a kdamond of its own (${store.location}); stop that one first`,
  );
}

function checkModules(fs: KernelFs, takeover: Takeover): boolean {
  const running = DAMON_MODULES.find((name) => readDamonModule(fs, name)?.isEnabled === true);
  if (running !== undefined) {
    refuseStart(
      fs,
      `${running} is running, and the kernel runs nothing beside it; leave out the target to observe it, or write N to ${fs.describePath(getParametersPath(running))}/enabled`,
    );
  }
  const isDamonStatOn = readDamonStat(fs)?.isEnabled === true;
  if (isDamonStatOn && !takeover.damonStat) {
    refuseStart(
      fs,
      'DAMON_STAT is running, and the kernel runs nothing beside it; leave out the target to observe DAMON_STAT itself, or allow switching it off meanwhile with --takeover damon_stat',
    );
  }
  return isDamonStatOn;
}

/** Leaves alone what runs, whoever's it is. */
async function findStopped(
  deps: OwnershipDeps,
  takeover: Takeover,
): Promise<Pick<InTheWay, 'found' | 'foundStaged'>> {
  const { fs, retry } = deps;
  const nrKdamonds = readInteger(fs, NR_KDAMONDS);
  if (nrKdamonds === 0) return { found: [], foundStaged: [] };
  const options = { retry, withTriedRegions: false, lastRunStates: new Map() };
  const { kdamonds, problems } = await readKdamonds(fs, options);
  const [problem] = problems;
  if (problem !== undefined) throw problem.error;
  const nrRunning = kdamonds.filter(({ isRunning }) => isRunning).length;
  if (nrRunning > 0) {
    refuseStart(
      fs,
      `somebody else keeps ${String(nrKdamonds)} there, and ${String(nrRunning)} of them runs; leave out the target to observe without one of our own, or stop that and write 0 to nr_kdamonds`,
    );
  }
  if (!takeover.stoppedKdamonds) {
    refuseStart(
      fs,
      `somebody else keeps ${String(nrKdamonds)} there, stopped, and making room would destroy what is configured; allow putting that aside meanwhile with --takeover stopped_kdamonds, or write 0 to nr_kdamonds if nobody needs it`,
    );
  }
  return { found: listStagedFiles(fs), foundStaged: kdamonds.map(listStagedValues) };
}

/**
 * Looks for everything that must not be there, before anything is changed.
 *
 * @throws KernelError saying who is in the way and what to do.
 */
export async function checkFree(deps: OwnershipDeps, takeover: Takeover): Promise<InTheWay> {
  checkOtherExporter(deps);
  const stopped = await findStopped(deps, takeover);
  return { damonStat: checkModules(deps.fs, takeover), ...stopped };
}

function findTargetProblem(stat: ProcessStat | undefined): string | undefined {
  if (stat === undefined) return 'there is no such process';
  if (stat.isKernelThread) return `${stat.comm} is a kernel thread and has no memory of its own`;
  return stat.state === 'Z' ? `${stat.comm} has ended` : undefined;
}

/**
 * What the kernel would take, and then do nothing, or something else than was meant.
 *
 * @throws KernelError naming the scheme, and what is wrong with it.
 */
function checkSchemes(contexts: readonly ContextSpec[]): void {
  for (const context of contexts) {
    for (const [index, scheme] of context.schemes.entries()) {
      const [problem] = listSchemeProblems(scheme, context);
      if (problem === undefined) continue;
      const path = `scheme ${scheme.name ?? String(index)}`;
      throw new KernelError({ operation: 'stage', path, hint: problem });
    }
  }
}

/**
 * Before anything is written: of a process that is not there the kernel would only say EINVAL, or
 * start and monitor nothing; 6.12 would end the kdamond.
 *
 * @throws KernelError naming the process that cannot be monitored, or the scheme that makes no sense.
 */
export function checkContexts(fs: KernelFs, contexts: readonly ContextSpec[]): void {
  checkSchemes(contexts);
  for (const { pid, isObsolete } of contexts.flatMap(({ targets }) => targets)) {
    if (pid === undefined || isObsolete === true) continue;
    const problem = findTargetProblem(readProcessStat(fs, pid));
    if (problem !== undefined) {
      throw new KernelError({ operation: 'monitor', path: `process ${pid}`, hint: problem });
    }
  }
}
