import type { MachineKdamond, MachineReading } from '../../collect/machine.ts';
import type { KdamondOwner, Snapshot } from '../../damon/snapshot.ts';
import type { RecordedIntervals } from '../../record/recording.ts';
import type { TargetDescription } from '../../record/snapshotConverter.ts';

/** What the newest readings of the machine tell of the targets of snapshots. */
export interface TargetDescriber {
  /** To be called with each reading of the machine. */
  readonly noteMachine: (machine: MachineReading) => void;
  readonly describe: (snapshot: Snapshot) => TargetDescription;
}

/**
 * What modules ask of the kernel but no file tells. They monitor physical memory, which has nothing
 * to update. Source: mm/damon/stat.c, reclaim.c, lru_sort.c.
 */
const MODULE_UPDATE_INTERVAL_US: Partial<Record<KdamondOwner, number>> = {
  damon_stat: 60_000_000,
  damon_reclaim: 0,
  damon_lru_sort: 0,
};

function findIntervals(
  { kdamond, contextIndex, sampleIntervalUs, aggrIntervalUs }: Snapshot,
  machine: MachineKdamond | undefined,
): RecordedIntervals | undefined {
  const configured = machine?.state?.contexts[contextIndex]?.intervals;
  if (configured !== undefined) {
    const { goal } = configured;
    return { ...configured, goal: goal?.accessBp === 0 ? undefined : goal };
  }
  const updateIntervalUs = MODULE_UPDATE_INTERVAL_US[kdamond.owner];
  const isKnown =
    updateIntervalUs !== undefined &&
    sampleIntervalUs !== undefined &&
    aggrIntervalUs !== undefined;
  return isKnown
    ? { sampleIntervalUs, aggrIntervalUs, updateIntervalUs, goal: undefined }
    : undefined;
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
