/** A part of a heap that is used in one way. */
export interface Band {
  readonly sizeBytes: number;
  /** Every page is touched once per this time; Infinity = never again. */
  readonly touchPeriodUs: number;
}

/** How the heap is used from one moment to another. */
export interface WorkloadPhase {
  /** From the lowest address on; their sizes add up to the heap. */
  readonly bands: readonly Band[];
  /** When the next phase begins, µs since the process started; Infinity = never. */
  readonly endsAtUs: number;
}

/** What a simulated process does with its memory: known in advance, so that it is the truth. */
export interface Workload {
  readonly comm: string;
  readonly cmdline: readonly string[];
  /** As in `proc/<pid>/cgroup`, for memcg filters. */
  readonly cgroup: string;
  /** µs after the start; absent = runs for ever. */
  readonly exitsAtUs?: number;
  /** The heap is file-backed instead of anonymous. */
  readonly isFileBacked?: boolean;
  phaseAt(elapsedUs: number): WorkloadPhase;
}

const MIB = 2 ** 20;

/** As good as always: much shorter than any sampling interval in use. */
export const ALWAYS_US = 1_000;
export const NEVER: number = Number.POSITIVE_INFINITY;

/** Bytes touched at least once in each window of this length. */
export function computeTouchedBytes(phase: WorkloadPhase, windowUs: number): number {
  return phase.bands.reduce(
    (sum, band) => sum + (band.touchPeriodUs <= windowUs ? band.sizeBytes : 0),
    0,
  );
}

function describe(comm: string): Pick<Workload, 'comm' | 'cmdline' | 'cgroup'> {
  return { comm, cmdline: [`/usr/bin/${comm}`], cgroup: `/system.slice/${comm}.service` };
}

function createSteady(comm: string, bands: readonly Band[]): Workload {
  const phase: WorkloadPhase = { bands, endsAtUs: Infinity };
  return { ...describe(comm), phaseAt: () => phase };
}

/** The lowest part of the heap is hot, the rest idle. */
export function createHotCold(comm: string, hotMib: number, coldMib: number): Workload {
  return createSteady(comm, [
    { sizeBytes: hotMib * MIB, touchPeriodUs: ALWAYS_US },
    { sizeBytes: coldMib * MIB, touchPeriodUs: NEVER },
  ]);
}

/** Hot and cold parts in turn. */
export function createStripes(comm: string, nrStripes: number, stripeMib: number): Workload {
  const bands = Array.from({ length: nrStripes }, (_, index) => ({
    sizeBytes: stripeMib * MIB,
    touchPeriodUs: index % 2 === 0 ? ALWAYS_US : NEVER,
  }));
  return createSteady(comm, bands);
}

/** The heap from hot to cold in steps, each touched `factor` times more rarely than the one before. */
export function createGradient(
  comm: string,
  nrSteps: number,
  stepMib: number,
  factor: number,
): Workload {
  const bands = Array.from({ length: nrSteps }, (_, index) => ({
    sizeBytes: stepMib * MIB,
    touchPeriodUs: ALWAYS_US * factor ** index,
  }));
  return createSteady(comm, bands);
}

/** Stair i is hot during period i, over and over. */
export function createStaircase(
  comm: string,
  nrStairs: number,
  stairMib: number,
  stairUs: number,
): Workload {
  return {
    ...describe(comm),
    phaseAt: (elapsedUs) => {
      const turn = Math.floor(elapsedUs / stairUs);
      const bands = Array.from({ length: nrStairs }, (_, index) => ({
        sizeBytes: stairMib * MIB,
        touchPeriodUs: index === turn % nrStairs ? ALWAYS_US : NEVER,
      }));
      return { bands, endsAtUs: (turn + 1) * stairUs };
    },
  };
}

/** The working set jumps between two sizes. */
export function createPhaseChange(
  comm: string,
  hotMib: readonly [first: number, second: number],
  heapMib: number,
  phaseUs: number,
): Workload {
  return {
    ...describe(comm),
    phaseAt: (elapsedUs) => {
      const turn = Math.floor(elapsedUs / phaseUs);
      const hot = turn % 2 === 0 ? hotMib[0] : hotMib[1];
      const bands = [
        { sizeBytes: hot * MIB, touchPeriodUs: ALWAYS_US },
        { sizeBytes: (heapMib - hot) * MIB, touchPeriodUs: NEVER },
      ];
      return { bands, endsAtUs: (turn + 1) * phaseUs };
    },
  };
}

export interface GrowingHeap {
  readonly startMib: number;
  readonly stepMib: number;
  readonly maxMib: number;
  readonly stepUs: number;
}

/** A heap that grows in steps up to a limit; the newest step is hot, what is older idle. */
export function createGrowingHeap(comm: string, growth: GrowingHeap): Workload {
  return {
    ...describe(comm),
    phaseAt: (elapsedUs) => {
      const step = Math.floor(elapsedUs / growth.stepUs);
      const heapMib = Math.min(growth.maxMib, growth.startMib + step * growth.stepMib);
      const bands = [
        { sizeBytes: (heapMib - growth.stepMib) * MIB, touchPeriodUs: NEVER },
        { sizeBytes: growth.stepMib * MIB, touchPeriodUs: ALWAYS_US },
      ];
      const hasStopped = heapMib >= growth.maxMib;
      return { bands, endsAtUs: hasStopped ? Infinity : (step + 1) * growth.stepUs };
    },
  };
}

/** The same workload, ending after a time. */
export function endAfter(workload: Workload, exitsAtUs: number): Workload {
  return { ...workload, exitsAtUs };
}
