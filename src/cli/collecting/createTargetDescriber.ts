import type { MachineKdamond, MachineReading } from '../../collect/machine.ts';
import type { Snapshot } from '../../damon/snapshot.ts';
import type { RecordedIntervals } from '../../record/recording.ts';
import type { TargetDescription } from '../../record/snapshotConverter.ts';

/** What the newest readings of the machine tell of the targets of snapshots. */
export interface TargetDescriber {
  /** To be called with each reading of the machine. */
  readonly noteMachine: (machine: MachineReading) => void;
  readonly describe: (snapshot: Snapshot) => TargetDescription;
}

/**
 * What DAMON_STAT starts with; it tells only what the kernel has tuned that to, and nothing at all in
 * its first five seconds. Source: mm/damon/stat.c.
 */
const DAMON_STAT_INTERVALS: RecordedIntervals = {
  sampleIntervalUs: 5_000,
  aggrIntervalUs: 100_000,
  updateIntervalUs: 60_000_000,
  goal: { accessBp: 400, aggrs: 3, minSampleIntervalUs: 5_000, maxSampleIntervalUs: 10_000_000 },
};

/** The other modules monitor physical memory, which has nothing to update. */
const MODULE_UPDATE_INTERVAL_US = 0;

function findIntervals(
  { kdamond, contextIndex, sampleIntervalUs, aggrIntervalUs }: Snapshot,
  machine: MachineKdamond | undefined,
): RecordedIntervals | undefined {
  const configured = machine?.state?.contexts[contextIndex]?.intervals;
  if (configured !== undefined) {
    const { goal } = configured;
    return { ...configured, goal: goal?.accessBp === 0 ? undefined : goal };
  }
  if (kdamond.owner === 'damon_stat') return DAMON_STAT_INTERVALS;
  const isModule = kdamond.owner === 'damon_reclaim' || kdamond.owner === 'damon_lru_sort';
  if (!isModule || sampleIntervalUs === undefined || aggrIntervalUs === undefined) return undefined;
  const updateIntervalUs = MODULE_UPDATE_INTERVAL_US;
  return { sampleIntervalUs, aggrIntervalUs, updateIntervalUs, goal: undefined };
}

type Processes = MachineKdamond['processes'];

/** A process that renames itself, as by exec, keeps the name it had: it is still the same target. */
function keepNames(processes: Processes, earlier: Processes | undefined): Processes {
  return new Map(
    Array.from(processes, ([target, process]) => {
      const known = earlier?.get(target);
      const isKnown = known?.pid === process.pid && known.command !== undefined;
      return [target, isKnown ? known : process];
    }),
  );
}

export function createTargetDescriber(): TargetDescriber {
  /** By label: as each was when it last ran, for its last snapshots come after its end. */
  const kdamonds = new Map<string, MachineKdamond>();
  return {
    noteMachine: (machine) => {
      for (const kdamond of machine.kdamonds) {
        const { label } = kdamond.ref;
        if (!kdamond.isRunning) continue;
        const processes = keepNames(kdamond.processes, kdamonds.get(label)?.processes);
        kdamonds.set(label, { ...kdamond, processes });
      }
    },
    describe: (snapshot) => {
      const machine = kdamonds.get(snapshot.kdamond.label);
      return {
        targetName: machine?.processes.get(snapshot.target)?.command,
        intervals: findIntervals(snapshot, machine),
      };
    },
  };
}
