import { joinUint64Halves } from '../../base/uint64Halves.ts';
import type { RegionColumns } from '../../damon/snapshot.ts';
import type { CpuEvents } from './cpuEvents.ts';
import {
  appendRegions,
  copyEventRegions,
  copyPendingRegions,
  createPendingRegions,
} from './pendingRegions.ts';
import { createTraceStream, forgetSpacing, isOfStream, learnSpacing } from './traceStream.ts';
import type { PendingRegions } from './pendingRegions.ts';
import type { TraceStream } from './traceStream.ts';

/** One aggregation of one target as the trace shows it: whole, ascending, never changed again. */
export interface TraceSnapshot {
  readonly kdamondPid: number;
  /** Index of the target; a pointer on old kernels. Decimal. */
  readonly targetId: string;
  /** When the first of its regions was reported. CLOCK_MONOTONIC. */
  readonly endNs: bigint;
  /** Addresses as the kernel thread counts them: times `addr_unit` where the context has one. */
  readonly regions: RegionColumns;
}

/** A snapshot that announces more is passed over: 24 MiB of columns. */
const MAX_REGIONS = 1 << 20;
/** Beyond this the streams are forgotten; kdamonds that came and went leave some behind. */
const MAX_STREAMS = 1 << 15;

const UINT32_RANGE = 2 ** 32;

interface KdamondStreams {
  readonly byTarget: Map<bigint, TraceStream>;
  /** The one whose events came last: a kdamond reports its targets one after the other. */
  current: TraceStream;
  /** Regions of the open snapshot of `current`, when it comes in pieces. */
  readonly pending: PendingRegions;
}

/** Whether number and addresses of the entry fit behind the last one of the open snapshot. */
function continuesRegions(stream: TraceStream, events: CpuEvents, index: number): boolean {
  if (events.nrRegions[index] !== stream.nrRegions) return false;
  const startLow = events.startHalves[2 * index] ?? 0;
  const startHigh = events.startHalves[2 * index + 1] ?? 0;
  if (startHigh !== stream.lastEndHigh) return startHigh > stream.lastEndHigh;
  return startLow >= stream.lastEndLow;
}

function begin(stream: TraceStream, events: CpuEvents, index: number): void {
  const nrRegions = events.nrRegions[index] ?? 0;
  stream.isOpen = true;
  stream.nrRegions = nrRegions;
  stream.isSpoiled = nrRegions === 0 || nrRegions > MAX_REGIONS;
  stream.beginLow = stream.lastLow = events.timeHalves[2 * index] ?? 0;
  stream.beginHigh = stream.lastHigh = events.timeHalves[2 * index + 1] ?? 0;
  stream.lastEndLow = stream.lastEndHigh = 0;
}

/**
 * Follows the open snapshot from the entry `from` on, for as long as entries are its next regions:
 * of the same kdamond and target, announcing the same number, ascending, without a long pause. A
 * region without any byte spoils it.
 *
 * @returns the first entry that is not the next region, or `to`.
 */
function follow(stream: TraceStream, events: CpuEvents, from: number, to: number): number {
  const { pid, timeHalves, targetHalves, nrRegions, startHalves, endHalves } = events;
  const { kdamondPid, targetLow, targetHigh, maxPauseNs } = stream;
  const nrAnnounced = stream.nrRegions;
  let { lastLow, lastHigh, lastEndLow, lastEndHigh, isSpoiled } = stream;
  let index = from;
  for (; index < to; index += 1) {
    const low = 2 * index;
    const high = low + 1;
    if (pid[index] !== kdamondPid || nrRegions[index] !== nrAnnounced) break;
    if (targetHalves[low] !== targetLow || targetHalves[high] !== targetHigh) break;
    const startLow = startHalves[low] ?? 0;
    const startHigh = startHalves[high] ?? 0;
    if (startHigh < lastEndHigh || (startHigh === lastEndHigh && startLow < lastEndLow)) break;
    const timeLow = timeHalves[low] ?? 0;
    const timeHigh = timeHalves[high] ?? 0;
    const pauseNs = (timeHigh - lastHigh) * UINT32_RANGE + (timeLow - lastLow);
    if (Math.abs(pauseNs) > maxPauseNs) break;
    lastLow = timeLow;
    lastHigh = timeHigh;
    lastEndLow = endHalves[low] ?? 0;
    lastEndHigh = endHalves[high] ?? 0;
    const isEmpty =
      lastEndHigh < startHigh || (lastEndHigh === startHigh && lastEndLow <= startLow);
    if (isEmpty) isSpoiled = true;
  }
  stream.isSpoiled = isSpoiled;
  stream.lastLow = lastLow;
  stream.lastHigh = lastHigh;
  stream.lastEndLow = lastEndLow;
  stream.lastEndHigh = lastEndHigh;
  return index;
}

/**
 * Puts region events together to snapshots. What `damon_aggregated` gives is a bare sequence: a
 * snapshot is the next `nr_regions` events of a target, and nothing marks its beginning. So that a
 * lost event spoils the snapshot it belongs to and never shifts the following ones, a snapshot must
 * come with one and the same number, ascending disjoint addresses, and no pause longer than half the
 * spacing of snapshots: within a snapshot events follow each other in microseconds, while between
 * two of them lies an aggregation interval less the time the first one took. Half leaves room for a
 * kernel thread that loses its CPU in between as well as for one that reports for half of its time.
 * The pause decides only where addresses cannot: when a snapshot's end was lost and the next one
 * begins above it. An open snapshot is also spoiled by a loss before its next event on that CPU.
 */
export class SnapshotAssembler {
  readonly #kdamonds = new Map<number, KdamondStreams>();
  #nrStreams = 0;
  #lossSerial = 0;
  #spoiledSnapshots = 0;
  #finished: TraceSnapshot[] = [];

  /** Snapshots thrown away because a part of them did not come, since the start. */
  get spoiledSnapshots(): number {
    return this.#spoiledSnapshots;
  }

  /** Takes entries `[from, to)` of one CPU; calls come in the order of time over all CPUs. */
  add(events: CpuEvents, from: number, to: number): void {
    this.#lossSerial = Math.max(this.#lossSerial, events.lossSerial);
    let index = from;
    while (index < to) index = this.#addSome(events, index, to);
  }

  /** Snapshots finished since the last call. */
  takeSnapshots(): TraceSnapshot[] {
    const taken = this.#finished;
    this.#finished = [];
    return taken;
  }

  /** Takes the next entries of one snapshot; gives the first entry not taken. */
  #addSome(events: CpuEvents, from: number, to: number): number {
    const { current: stream, pending } = this.#selectStream(events, from);
    if (!stream.isOpen) {
      begin(stream, events, from);
      pending.count = 0;
    } else if (events.lossSerial > stream.lossSerial) {
      stream.isSpoiled = true;
    }
    stream.lossSerial = this.#lossSerial;
    const limit = stream.isSpoiled ? to : Math.min(to, from + stream.nrRegions - pending.count);
    const upTo = follow(stream, events, from, limit);
    if (upTo === from) {
      if (continuesRegions(stream, events, from)) forgetSpacing(stream);
      this.#spoil(stream);
    } else if (!stream.isSpoiled) {
      const isWhole = pending.count + upTo - from === stream.nrRegions;
      const isInOnePiece = isWhole && pending.count === 0;
      if (!isInOnePiece) appendRegions(pending, events, from, upTo);
      if (isInOnePiece) this.#finish(stream, copyEventRegions(events, from, upTo));
      else if (isWhole) this.#finish(stream, copyPendingRegions(pending));
    }
    return upTo;
  }

  #finish(stream: TraceStream, regions: RegionColumns): void {
    stream.isOpen = false;
    learnSpacing(stream);
    this.#finished.push({
      kdamondPid: stream.kdamondPid,
      targetId: stream.targetId,
      endNs: joinUint64Halves(stream.beginHigh, stream.beginLow),
      regions,
    });
  }

  #spoil(stream: TraceStream): void {
    stream.isOpen = false;
    stream.previousBeginNs = undefined;
    this.#spoiledSnapshots += 1;
  }

  /** Makes the stream of the entry the current one of its kdamond. */
  #selectStream(events: CpuEvents, index: number): KdamondStreams {
    const pid = events.pid[index] ?? 0;
    const known = this.#kdamonds.get(pid);
    if (known !== undefined && isOfStream(known.current, events, index)) return known;
    if (known?.current.isOpen === true) this.#spoil(known.current);
    if (this.#nrStreams >= MAX_STREAMS) this.#forgetStreams();
    const low = events.targetHalves[2 * index] ?? 0;
    const targetId = joinUint64Halves(events.targetHalves[2 * index + 1] ?? 0, low);
    const stream =
      this.#kdamonds.get(pid)?.byTarget.get(targetId) ?? createTraceStream(pid, targetId);
    return this.#makeCurrent(stream, targetId);
  }

  #makeCurrent(stream: TraceStream, targetId: bigint): KdamondStreams {
    const pid = stream.kdamondPid;
    let kdamond = this.#kdamonds.get(pid);
    if (kdamond === undefined) {
      kdamond = { byTarget: new Map(), current: stream, pending: createPendingRegions() };
      this.#kdamonds.set(pid, kdamond);
    }
    if (!kdamond.byTarget.has(targetId)) {
      kdamond.byTarget.set(targetId, stream);
      this.#nrStreams += 1;
    }
    kdamond.current = stream;
    return kdamond;
  }

  #forgetStreams(): void {
    for (const { current } of this.#kdamonds.values()) if (current.isOpen) this.#spoil(current);
    this.#kdamonds.clear();
    this.#nrStreams = 0;
  }
}
