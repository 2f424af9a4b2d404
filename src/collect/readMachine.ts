import type { Clock } from '../base/clock.ts';
import { KernelError } from '../base/errors.ts';
import type { DamonModuleState, DamonStatState, KdamondState } from '../damon/kdamond.ts';
import type { PartHealth } from '../damon/observation.ts';
import type { KdamondRef } from '../damon/snapshot.ts';
import type { MachineMemory } from '../damon/watermarks.ts';
import { trimAttribute } from '../kernel/attribute.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { readKdamonds } from '../kernel/kdamonds.ts';
import type { RunState } from '../kernel/kdamonds.ts';
import { readMachineMemory } from '../kernel/memory.ts';
import { DAMON_MODULES, readDamonModule, readDamonStat } from '../kernel/modules.ts';
import { computeOwners } from '../kernel/owners.ts';
import { readKdamondThreads } from '../kernel/processes.ts';
import type { ProcessStat } from '../kernel/processes.ts';
import { createOwnDescriber } from './ownDescriptions.ts';
import type { OwnDescription } from './ownDescriptions.ts';
import { createProcessReader } from './processReader.ts';
import type { ProcessReader } from './processReader.ts';
import { StatsRefresher } from './statsRefresher.ts';
import type { ConfiguredIntervals, MachineKdamond, MachineReading } from './machine.ts';

export interface MachineReaderOptions {
  readonly fs: KernelFs;
  readonly hostClock: Clock;
  readonly retry: BusyRetry;
  /** Sysfs indexes of the kdamonds this exporter started, as of now. */
  readonly listOwnIndexes: () => ReadonlySet<number>;
  /** What only we know of a kdamond of ours; undefined for one that nobody named anything in. */
  readonly describeOwn?: (index: number) => OwnDescription | undefined;
}

/** DAMON_STAT aggregates over this many samples. */
const DAMON_STAT_SAMPLES_PER_AGGR = 20;

/** What the parts of one reading found; a part that failed leaves what the reading before found. */
interface Found {
  kdamonds: readonly KdamondState[];
  damonStat: DamonStatState | undefined;
  modules: readonly DamonModuleState[];
  kernelRelease: string | undefined;
  threads: readonly ProcessStat[];
}

/**
 * Reads everything about DAMON that is not a snapshot. A part that fails is reported as such and
 * hinders no other; what it found the last time is used again, but for free memory, which is of the moment.
 */
export function createMachineReader(options: MachineReaderOptions): () => Promise<MachineReading> {
  const { fs, hostClock } = options;
  const found: Found = {
    kdamonds: [],
    damonStat: undefined,
    modules: [],
    kernelRelease: undefined,
    threads: [],
  };
  const processes = createProcessReader(fs);
  const refresher = new StatsRefresher(options);

  const own = createOwnDescriber(options.listOwnIndexes, (index) => options.describeOwn?.(index));

  return async () => {
    const parts: PartHealth[] = [];
    const readPart = async (part: string, read: () => Promise<void> | void): Promise<void> => {
      const beganNs = hostClock.monotonicNs();
      let problem: string | undefined;
      try {
        await read();
      } catch (error) {
        if (!(error instanceof KernelError)) throw error;
        problem = error.message;
      }
      const durationSeconds = Number(hostClock.monotonicNs() - beganNs) / 1e9;
      parts.push({ part, wasSuccessful: problem === undefined, durationSeconds, problem });
    };
    own.begin();
    await readPart('sysfs', () => readSysfs(options, found));
    await readPart('modules', () => {
      found.damonStat = readDamonStat(fs);
      found.modules = DAMON_MODULES.map((name) => readDamonModule(fs, name)).filter(
        (state) => state !== undefined,
      );
    });
    let memory: MachineMemory | undefined;
    await readPart('memory', () => {
      memory = readMachineMemory(fs);
    });
    await readPart('stats', () => {
      refresher.request();
    });
    await readPart('processes', () => {
      found.kernelRelease ??= trimAttribute(fs.readText('proc/sys/kernel/osrelease'));
      found.threads = readKdamondThreads(fs);
    });
    const refs = computeOwners({ ...found, ownIndexes: options.listOwnIndexes() });
    const described = { ...found, kdamonds: found.kdamonds.map((state) => own.describe(state)) };
    const kdamonds = refs.map((ref) => describeKdamond(ref, described, processes));
    await readPart('targets', () => {
      processes.finishRound();
    });
    const { kernelRelease, damonStat, modules } = found;
    return { kernelRelease, kdamonds, damonStat, modules, memory, parts };
  };
}

/** The kdamonds of sysfs; those that could not be read now stay as they were. */
async function readSysfs({ fs, retry }: MachineReaderOptions, found: Found): Promise<void> {
  const last = found.kdamonds;
  const lastRunStates = new Map<number, RunState>(last.map((state) => [state.index, state]));
  const { kdamonds, problems } = await readKdamonds(fs, {
    retry,
    withTriedRegions: false,
    lastRunStates,
  });
  const kept = last.filter((state) => problems.some(({ index }) => index === state.index));
  found.kdamonds = [...kdamonds, ...kept].sort((a, b) => a.index - b.index);
  const [problem] = problems;
  if (problem !== undefined) throw problem.error;
}

function describeKdamond(ref: KdamondRef, found: Found, processes: ProcessReader): MachineKdamond {
  const isSysfs = ref.owner === 'own' || ref.owner === 'sysfs';
  const state = isSysfs
    ? found.kdamonds.find(({ index }) => String(index) === ref.label)
    : undefined;
  const isRunning = state?.isRunning ?? ref.pid !== undefined;
  return {
    ref,
    isRunning,
    cpuSeconds: ref.pid === undefined ? undefined : processes.readCpuSeconds(ref.pid),
    state,
    configuredIntervals: findIntervals(ref, state, found),
    processes: isRunning ? processes.readTargets(state) : new Map(),
  };
}

function findIntervals(
  ref: KdamondRef,
  state: KdamondState | undefined,
  found: Found,
): ConfiguredIntervals | undefined {
  const intervals = state?.contexts[0]?.intervals;
  if (intervals !== undefined) {
    const { sampleIntervalUs, aggrIntervalUs } = intervals;
    return { sampleIntervalUs, aggrIntervalUs };
  }
  if (ref.owner === 'damon_stat') {
    // Reads 0 until the first results, five seconds after its start.
    const aggrIntervalUs = found.damonStat?.aggrIntervalUs;
    if (!aggrIntervalUs) return undefined;
    return { sampleIntervalUs: aggrIntervalUs / DAMON_STAT_SAMPLES_PER_AGGR, aggrIntervalUs };
  }
  const parameters = found.modules.find(({ name }) => name === ref.owner)?.parameters;
  const sampleIntervalUs = Number(parameters?.get('sample_interval'));
  const aggrIntervalUs = Number(parameters?.get('aggr_interval'));
  const isKnown = Number.isSafeInteger(sampleIntervalUs) && Number.isSafeInteger(aggrIntervalUs);
  return isKnown && sampleIntervalUs > 0 ? { sampleIntervalUs, aggrIntervalUs } : undefined;
}
