/** Events of one CPU that were read but not yet used: columns, oldest first, used over and over. */
export interface CpuEvents {
  /** Entries before this one were handed on already. */
  first: number;
  /** One after the last entry. */
  count: number;
  capacity: number;
  /** CLOCK_MONOTONIC nanoseconds, as low and high halves one after the other; so are all `Halves`. */
  timeHalves: Uint32Array;
  pid: Int32Array;
  targetHalves: Uint32Array;
  nrRegions: Uint32Array;
  startAddr: BigUint64Array;
  startHalves: Uint32Array;
  endAddr: BigUint64Array;
  endHalves: Uint32Array;
  nrAccesses: Uint32Array;
  ageIntervals: Uint32Array;
  /** Undefined until a kdamond that has probes reports. */
  probes: ProbeColumns | undefined;
  /** Entries before which events of this CPU were lost, ascending; may name `count`. */
  readonly lossIndexes: number[];
  /** Grows at each loss that was passed when handing on; see `lossSerial` of the assembler. */
  lossSerial: number;
  /** Lost events the pages told the number of, since the start. */
  lostEvents: number;
  /** Losses the pages gave no number for, since the start. */
  unnumberedLosses: number;
  /** Pages, or remainders of pages, that made no sense, since the start. */
  malformedPages: number;
  /** Sampling intervals that kdamonds tuned themselves to, not yet handed on. */
  tunedIntervals: TunedSampleInterval[];
}

/** The kernel's DAMON_MAX_PROBES; what later kernels may have beyond it is left out. */
export const MAX_PROBES = 4;

/** What a second event tells of a region: its hits, {@link MAX_PROBES} places for each entry. */
export interface ProbeColumns {
  /** How many probes told of the entry; 0 until that event has come. */
  counts: Uint8Array;
  hits: Uint8Array;
}

export interface TunedSampleInterval {
  readonly kdamondPid: number;
  /** CLOCK_MONOTONIC; just before the regions whose ages are the first to count in new intervals. */
  readonly timeNs: bigint;
  readonly sampleIntervalUs: number;
}

interface EventColumns {
  readonly timeHalves: Uint32Array;
  readonly pid: Int32Array;
  readonly targetHalves: Uint32Array;
  readonly nrRegions: Uint32Array;
  readonly startAddr: BigUint64Array;
  readonly startHalves: Uint32Array;
  readonly endAddr: BigUint64Array;
  readonly endHalves: Uint32Array;
  readonly nrAccesses: Uint32Array;
  readonly ageIntervals: Uint32Array;
}

function createEventColumns(capacity: number): EventColumns {
  const startAddr = new BigUint64Array(capacity);
  const endAddr = new BigUint64Array(capacity);
  return {
    timeHalves: new Uint32Array(2 * capacity),
    pid: new Int32Array(capacity),
    targetHalves: new Uint32Array(2 * capacity),
    nrRegions: new Uint32Array(capacity),
    startAddr,
    startHalves: new Uint32Array(startAddr.buffer),
    endAddr,
    endHalves: new Uint32Array(endAddr.buffer),
    nrAccesses: new Uint32Array(capacity),
    ageIntervals: new Uint32Array(capacity),
  };
}

export function createCpuEvents(capacity = 0): CpuEvents {
  return {
    first: 0,
    count: 0,
    capacity,
    ...createEventColumns(capacity),
    probes: undefined,
    lossIndexes: [],
    lossSerial: 0,
    lostEvents: 0,
    unnumberedLosses: 0,
    malformedPages: 0,
    tunedIntervals: [],
  };
}

/** As far as there are any, with room for so many entries. */
function growProbes(probes: ProbeColumns | undefined, capacity: number): ProbeColumns {
  const counts = new Uint8Array(capacity);
  const hits = new Uint8Array(MAX_PROBES * capacity);
  if (probes !== undefined) {
    counts.set(probes.counts);
    hits.set(probes.hits);
  }
  return { counts, hits };
}

/** The columns of hits, made when they are needed first. */
export function ensureProbes(events: CpuEvents): ProbeColumns {
  events.probes ??= growProbes(undefined, events.capacity);
  return events.probes;
}

/** Makes room for so many more entries, by doubling. */
export function reserveCpuEvents(events: CpuEvents, nrMore: number): void {
  const needed = events.count + nrMore;
  if (needed <= events.capacity) return;
  const capacity = Math.max(needed, 2 * events.capacity);
  const grown = createEventColumns(capacity);
  grown.timeHalves.set(events.timeHalves);
  grown.pid.set(events.pid);
  grown.targetHalves.set(events.targetHalves);
  grown.nrRegions.set(events.nrRegions);
  grown.startAddr.set(events.startAddr);
  grown.endAddr.set(events.endAddr);
  grown.nrAccesses.set(events.nrAccesses);
  grown.ageIntervals.set(events.ageIntervals);
  const probes = events.probes && growProbes(events.probes, capacity);
  Object.assign(events, grown, { capacity, probes });
}

/** Drops what was handed on; what waits for the next round moves to the front. */
export function compactCpuEvents(events: CpuEvents): void {
  const { first, count } = events;
  if (first === 0) return;
  if (first < count) {
    events.timeHalves.copyWithin(0, 2 * first, 2 * count);
    events.pid.copyWithin(0, first, count);
    events.targetHalves.copyWithin(0, 2 * first, 2 * count);
    events.nrRegions.copyWithin(0, first, count);
    events.startAddr.copyWithin(0, first, count);
    events.endAddr.copyWithin(0, first, count);
    events.nrAccesses.copyWithin(0, first, count);
    events.ageIntervals.copyWithin(0, first, count);
    events.probes?.counts.copyWithin(0, first, count);
    events.probes?.hits.copyWithin(0, MAX_PROBES * first, MAX_PROBES * count);
  }
  for (const [at, index] of events.lossIndexes.entries()) events.lossIndexes[at] = index - first;
  events.first = 0;
  events.count = count - first;
}
