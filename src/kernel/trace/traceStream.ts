import type { CpuEvents } from './cpuEvents.ts';

const UINT32_RANGE = 2 ** 32;
/** One spacing too long (a snapshot lost whole in between) must not widen the bound: the least of 3. */
const NR_SPACINGS = 3;

/** What is known of one target of one kdamond, and the snapshot being put together for it. */
export interface TraceStream {
  readonly kdamondPid: number;
  /** Decimal. */
  readonly targetId: string;
  readonly targetLow: number;
  readonly targetHigh: number;
  /** Events of a snapshot have come and it is not finished. */
  isOpen: boolean;
  /** A part of the open snapshot was lost: the rest of its events is passed over. */
  isSpoiled: boolean;
  /** What each event of the open snapshot says their number is. */
  nrRegions: number;
  /** Time of the first event of the open snapshot. */
  beginLow: number;
  beginHigh: number;
  /** Time and end address of the last event. */
  lastLow: number;
  lastHigh: number;
  lastEndLow: number;
  lastEndHigh: number;
  /** How many losses, on all CPUs, had been passed at the last event. */
  lossSerial: number;
  /** When the previous snapshot began, if that one was whole. */
  previousBeginNs: number | undefined;
  /** Between the beginnings of neighbouring whole snapshots, the last three. */
  spacingsNs: readonly number[];
  /** A longer pause lies between snapshots, not within one. */
  maxPauseNs: number;
}

export function createTraceStream(kdamondPid: number, targetId: bigint): TraceStream {
  return {
    kdamondPid,
    targetId: targetId.toString(),
    targetLow: Number(targetId & 0xffff_ffffn),
    targetHigh: Number(targetId >> 32n),
    isOpen: false,
    isSpoiled: false,
    nrRegions: 0,
    beginLow: 0,
    beginHigh: 0,
    lastLow: 0,
    lastHigh: 0,
    lastEndLow: 0,
    lastEndHigh: 0,
    lossSerial: 0,
    previousBeginNs: undefined,
    spacingsNs: [],
    maxPauseNs: Infinity,
  };
}

/** Whether the entry belongs to this kdamond and target. */
export function isOfStream(stream: TraceStream, events: CpuEvents, index: number): boolean {
  return (
    events.pid[index] === stream.kdamondPid &&
    events.targetHalves[2 * index] === stream.targetLow &&
    events.targetHalves[2 * index + 1] === stream.targetHigh
  );
}

/** A whole snapshot tells how far apart snapshots are, if the one before it was whole, too. */
export function learnSpacing(stream: TraceStream): void {
  const beginNs = stream.beginHigh * UINT32_RANGE + stream.beginLow;
  if (stream.previousBeginNs !== undefined) {
    const spacingNs = Math.abs(beginNs - stream.previousBeginNs);
    stream.spacingsNs = [...stream.spacingsNs, spacingNs].slice(-NR_SPACINGS);
    stream.maxPauseNs = Math.min(...stream.spacingsNs) / 2;
  }
  stream.previousBeginNs = beginNs;
}

/**
 * After a pause within a snapshot the known spacing may be the thing that is wrong (intervals were
 * changed, the kernel thread did not get a CPU): it is learned anew, so that a wrong one cannot
 * spoil everything for ever.
 */
export function forgetSpacing(stream: TraceStream): void {
  stream.spacingsNs = [];
  stream.maxPauseNs = Infinity;
}
