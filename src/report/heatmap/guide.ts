import { createHalvesViewer } from '../../base/uint64Halves.ts';
import type { RecordedRegions, RecordedSnapshot, RecordedStream } from '../../record/recording.ts';
import type { AddressRange, TimeRange } from './heatMatrix.ts';

/** What of a stream was monitored when: where looking is worth while. */
export interface StreamGuide {
  readonly stream: RecordedStream;
  /** Which of the streams, in the order in which they come first. */
  readonly nth: number;
  readonly nrSnapshots: number;
  /** From the start of the first snapshot to the end of the last. */
  readonly timeRange: TimeRange;
  /** Every address that was ever monitored, as ascending pieces that do not touch. */
  readonly regions: readonly AddressRange[];
  readonly totalBytes: bigint;
}

/** Gathers the guide of every stream of a record. */
export interface GuideBuilder {
  add(snapshot: RecordedSnapshot): void;
  /** Largest monitored total first, as damo orders them. */
  finish(): StreamGuide[];
}

interface Piece {
  startAddr: bigint;
  endAddr: bigint;
}

interface Growing {
  readonly stream: RecordedStream;
  readonly nth: number;
  nrSnapshots: number;
  startNs: bigint;
  endNs: bigint;
  pieces: Piece[];
  readonly isRunAgain: ReturnType<typeof createRunMemory>;
}

/** Adds one contiguous run; `from` is where to look, and the index to look from next is returned. */
function addRun(pieces: Piece[], from: number, startAddr: bigint, endAddr: bigint): number {
  let at = from;
  while (at < pieces.length && (pieces[at]?.endAddr ?? 0n) < startAddr) at++;
  const piece = pieces[at];
  if (piece === undefined || piece.startAddr > endAddr) {
    pieces.splice(at, 0, { startAddr, endAddr });
    return at;
  }
  if (startAddr < piece.startAddr) piece.startAddr = startAddr;
  if (endAddr <= piece.endAddr) return at;
  piece.endAddr = endAddr;
  let swallowed = at + 1;
  while (swallowed < pieces.length) {
    const next = pieces[swallowed];
    if (next === undefined || next.startAddr > piece.endAddr) break;
    if (next.endAddr > piece.endAddr) piece.endAddr = next.endAddr;
    swallowed++;
  }
  pieces.splice(at + 1, swallowed - at - 1);
  return at;
}

/** Both halves of each start and end. */
interface Halves {
  readonly start: Uint32Array;
  readonly end: Uint32Array;
}

/** The end of the run of regions that touch which begins at `first`. */
function findRunEnd(count: number, { start, end }: Halves, first: number): number {
  let last = first;
  while (
    last + 1 < count &&
    start[2 * last + 2] === end[2 * last] &&
    start[2 * last + 3] === end[2 * last + 1]
  ) {
    last++;
  }
  return last + 1;
}

function addRegions(pieces: Piece[], regions: RecordedRegions, halves: Halves): void {
  const { count, startAddr, endAddr, runStarts } = regions;
  let at = 0;
  let previousStart = 0n;
  let nrRuns = 0;
  for (let first = 0; first < count;) {
    const next = runStarts ? (runStarts[nrRuns++] ?? count) : findRunEnd(count, halves, first);
    const runStart = startAddr[first] ?? 0n;
    const runEnd = endAddr[next - 1] ?? 0n;
    // Regions are ascending, except in damaged records.
    if (runStart < previousStart) at = 0;
    if (runStart < runEnd) at = addRun(pieces, at, runStart, runEnd);
    previousStart = runStart;
    first = next;
  }
}

/**
 * Tells whether regions are one run, and the same as those asked for before that were: mostly they
 * are, and there is nothing to add.
 */
function createRunMemory(): (
  regions: RecordedRegions,
  start: Uint32Array,
  end: Uint32Array,
) => boolean {
  let [start0, start1, end0, end1] = [-1, -1, -1, -1];
  return ({ count, runStarts }, start, end) => {
    if (count === 0 || runStarts?.length !== 0) return false;
    const last = 2 * (count - 1);
    const isSame =
      start[0] === start0 && start[1] === start1 && end[last] === end0 && end[last + 1] === end1;
    if (isSame) return true;
    [start0 = -1, start1 = -1] = start;
    [end0 = -1, end1 = -1] = end.subarray(last);
    return false;
  };
}

function finishStream({ pieces, startNs, endNs, nth, nrSnapshots, stream }: Growing): StreamGuide {
  const totalBytes = pieces.reduce((sum, piece) => sum + piece.endAddr - piece.startAddr, 0n);
  return {
    stream,
    nth,
    nrSnapshots,
    timeRange: { startNs, endNs },
    regions: pieces,
    totalBytes,
  };
}

function compareBigints(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Memory: one piece for each contiguous range ever monitored. */
export function createGuideBuilder(): GuideBuilder {
  const growing = new Map<RecordedStream, Growing>();
  const viewStarts = createHalvesViewer();
  const viewEnds = createHalvesViewer();
  return {
    add: ({ stream, startNs, endNs, regions }) => {
      let guide = growing.get(stream);
      if (guide === undefined) {
        const isRunAgain = createRunMemory();
        guide = {
          stream,
          nth: growing.size,
          nrSnapshots: 0,
          startNs,
          endNs,
          pieces: [],
          isRunAgain,
        };
        growing.set(stream, guide);
      }
      guide.nrSnapshots += 1;
      if (startNs < guide.startNs) guide.startNs = startNs;
      if (endNs > guide.endNs) guide.endNs = endNs;
      const start = viewStarts(regions.startAddr);
      const end = viewEnds(regions.endAddr);
      if (!guide.isRunAgain(regions, start, end)) {
        addRegions(guide.pieces, regions, { start, end });
      }
    },
    finish: () =>
      [...growing.values()]
        .map(finishStream)
        .sort((a, b) => compareBigints(b.totalBytes, a.totalBytes)),
  };
}

/** The range a heatmap shows when none is asked for; undefined when nothing was monitored. */
export function findBiggestRegion({ regions }: StreamGuide): AddressRange | undefined {
  return regions.reduce<AddressRange | undefined>((biggest, region) => {
    const isBigger =
      biggest === undefined ||
      region.endAddr - region.startAddr > biggest.endAddr - biggest.startAddr;
    return isBigger ? region : biggest;
  }, undefined);
}
