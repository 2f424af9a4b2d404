import type {
  LendOptions,
  RecordReader,
  RecordedSnapshot,
  RecordedStream,
} from '../../record/recording.ts';
import { selectLentSnapshots } from '../selectSnapshots.ts';
import type { ReadableSnapshots } from '../selectSnapshots.ts';
import { computeCacheLimit, createSnapshotCache } from '../snapshotCache.ts';
import { computeMaxSamples, computeAggrIntervalUs } from '../snapshotIntervals.ts';
import { createStreamFinder, isStreamSelected } from '../streams.ts';
import type { StreamFilter } from '../streams.ts';
import { createGuideBuilder, findBiggestRegion } from './guide.ts';
import type { StreamGuide } from './guide.ts';
import { createHeatAccumulator } from './heatAccumulator.ts';
import type { HeatOptions } from './heatAccumulator.ts';
import { fitGrid } from './heatGrid.ts';
import type { HeatGrid } from './heatGrid.ts';
import type { HeatMatrix } from './heatMatrix.ts';

/** A range as asked for: absolute, or counted from what the guide finds. */
export interface RangeRequest {
  readonly start: bigint;
  readonly end: bigint;
  readonly base: bigint | 'guided' | 'guided_end';
}

export interface HeatRequest {
  readonly streams: StreamFilter;
  /** Undefined: all of the stream's time. */
  readonly time: RangeRequest | undefined;
  /** Undefined: the biggest region of the guide. */
  readonly address: RangeRequest | undefined;
  readonly resolution: { readonly nrTimes: number; readonly nrAddresses: number };
  readonly options: HeatOptions;
}

type Readable = Pick<RecordReader, 'format' | 'clockBase'> & ReadableSnapshots;

function resolveRange(
  request: RangeRequest,
  guided: readonly [bigint, bigint],
): readonly [bigint, bigint] {
  const { base } = request;
  const origin = base === 'guided' ? guided[0] : base === 'guided_end' ? guided[1] : base;
  return [origin + request.start, origin + request.end];
}

function isAbsolute(request: RangeRequest | undefined): request is RangeRequest & { base: bigint } {
  return typeof request?.base === 'bigint';
}

const NOTHING = [0n, 0n] as const;

/** The grid asked for, as far as the guide is needed for it; undefined when it has no cell. */
function resolveGrid(request: HeatRequest, guide?: StreamGuide): HeatGrid | undefined {
  const { time, address } = request;
  const region = guide && findBiggestRegion(guide);
  const guidedTime = guide ? ([guide.timeRange.startNs, guide.timeRange.endNs] as const) : NOTHING;
  const guidedAddress = region ? ([region.startAddr, region.endAddr] as const) : NOTHING;
  const [startNs, endNs] = time ? resolveRange(time, guidedTime) : guidedTime;
  const [startAddr, endAddr] = address ? resolveRange(address, guidedAddress) : guidedAddress;
  if (endNs <= startNs || endAddr <= startAddr) return undefined;
  return fitGrid({ startNs, endNs }, { startAddr, endAddr }, request.resolution);
}

/** Sums up one stream's snapshots, which come in ascending time, in a grid. */
export function createMatrixBuilder(
  grid: HeatGrid,
  options: HeatOptions,
): {
  add(snapshot: RecordedSnapshot): void;
  finish(stream: RecordedStream): Omit<HeatMatrix, 'clockBase'>;
} {
  const accumulator = createHeatAccumulator(grid, options);
  let maxValue: number | undefined;
  return {
    add: (snapshot) => {
      accumulator.add(snapshot);
      const aggrUs = options.unit === 'samples' ? 1e6 : computeAggrIntervalUs(snapshot);
      const max = computeMaxSamples(snapshot);
      if (max === undefined || aggrUs === undefined) return;
      maxValue = Math.max(maxValue ?? 0, max / (aggrUs / 1e6));
    },
    finish: (stream) => ({ ...grid, ...accumulator.finish(), maxValue, stream }),
  };
}

/** Ages are read only where they are looked at. */
function chooseColumns({ options }: HeatRequest): LendOptions {
  return { withAges: options.isFilledByAge === true };
}

/** Reads once for a grid that is known; undefined when another target is the biggest in it. */
async function readKnownGrid(
  reader: Readable,
  request: HeatRequest,
  grid: HeatGrid,
): Promise<{ matrix: Omit<HeatMatrix, 'clockBase'> | undefined; guides: readonly StreamGuide[] }> {
  const guide = createGuideBuilder();
  const builder = createMatrixBuilder(grid, request.options);
  let first: RecordedStream | undefined;
  const selection = { streams: request.streams, timeRange: grid.timeRange };
  for await (const batch of selectLentSnapshots(reader, selection, chooseColumns(request))) {
    for (const snapshot of batch) {
      first ??= snapshot.stream;
      guide.add(snapshot);
      if (snapshot.stream === first) builder.add(snapshot);
    }
  }
  const guides = guide.finish();
  const isChosen = first !== undefined && guides[0]?.stream === first;
  return { matrix: isChosen && first ? builder.finish(first) : undefined, guides };
}

/** The guide of the first and last snapshots, where those are at hand: likely that of all. */
async function guessGuide(
  reader: Readable,
  { streams }: HeatRequest,
): Promise<StreamGuide | undefined> {
  const guide = createGuideBuilder();
  for await (const batch of reader.lendEnds?.({ withAges: false }) ?? []) {
    for (const snapshot of batch) {
      if (isStreamSelected(snapshot.stream, streams)) guide.add(snapshot);
    }
  }
  return guide.finish()[0];
}

/** Whether the grid that was guessed may still be the one. What was monitored only becomes more. */
function isLikely(guess: StreamGuide, guides: readonly StreamGuide[]): boolean {
  const guide = guides.find(({ stream }) => stream === guess.stream);
  const found = guide && findBiggestRegion(guide);
  const guessed = findBiggestRegion(guess);
  if (found === undefined || guessed === undefined) return true;
  return found.startAddr >= guessed.startAddr && found.endAddr <= guessed.endAddr;
}

/** Whether the grid that follows from it is the same. */
function isRight(guess: StreamGuide, [guide]: readonly StreamGuide[]): boolean {
  const [found, guessed] = [guide && findBiggestRegion(guide), findBiggestRegion(guess)];
  return (
    guide?.stream === guess.stream &&
    guide.timeRange.startNs === guess.timeRange.startNs &&
    guide.timeRange.endNs === guess.timeRange.endNs &&
    found?.startAddr === guessed?.startAddr &&
    found?.endAddr === guessed?.endAddr
  );
}

/**
 * Reads the guide, and keeps what it read where reading again would be slow. Where the grid can be
 * guessed the heat is summed up in the same reading; most records go on as they begin and end.
 */
async function readGuide(
  reader: Readable,
  request: HeatRequest,
): Promise<{
  readonly guides: readonly StreamGuide[];
  readonly again: ReadableSnapshots;
  /** Undefined unless the guess was right. */
  readonly matrix: Omit<HeatMatrix, 'clockBase'> | undefined;
}> {
  const guide = createGuideBuilder();
  const cache = createSnapshotCache(computeCacheLimit(reader));
  const guess = await guessGuide(reader, request);
  const grid = guess && resolveGrid(request, guess);
  let builder = grid && createMatrixBuilder(grid, request.options);
  const { streams } = request;
  for await (const batch of selectLentSnapshots(reader, { streams }, chooseColumns(request))) {
    for (const snapshot of batch) {
      guide.add(snapshot);
      cache.add(snapshot);
      if (snapshot.stream === guess?.stream) builder?.add(snapshot);
    }
    if (guess && builder && !isLikely(guess, guide.finish())) builder = undefined;
  }
  const guides = guide.finish();
  const replay = cache.replay();
  return {
    guides,
    again: replay ? { readSnapshots: replay } : reader,
    matrix: guess && isRight(guess, guides) ? builder?.finish(guess.stream) : undefined,
  };
}

async function readMatrix(
  reader: ReadableSnapshots,
  request: HeatRequest,
  { grid, guides }: { readonly grid: HeatGrid; readonly guides: readonly StreamGuide[] },
): Promise<Omit<HeatMatrix, 'clockBase'> | undefined> {
  const target = guides[0];
  if (target === undefined) return undefined;
  const finder = createStreamFinder(target, guides);
  const builder = createMatrixBuilder(grid, request.options);
  // Where only the order tells streams apart, all of them must be seen.
  const timeRange = finder.needsOrder ? undefined : grid.timeRange;
  const selection = { streams: request.streams, timeRange };
  for await (const batch of selectLentSnapshots(reader, selection, chooseColumns(request))) {
    for (const snapshot of batch) {
      if (finder.isTarget(snapshot.stream)) builder.add(snapshot);
    }
  }
  return builder.finish(target.stream);
}

function finishMatrix(
  matrix: Omit<HeatMatrix, 'clockBase'> | undefined,
  { clockBase }: Readable,
): HeatMatrix | undefined {
  const isEmpty = matrix === undefined || matrix.values.every((value) => Number.isNaN(value));
  return isEmpty ? undefined : { ...matrix, clockBase };
}

/**
 * The heat of one target: of the one with the most monitored memory, where the filter leaves several.
 * One reading when both ranges are given or could be guessed, else one for the guide and one for the
 * heat.
 *
 * @returns undefined when nothing was observed in the range.
 */
export async function computeHeatMatrix(
  reader: Readable,
  request: HeatRequest,
): Promise<HeatMatrix | undefined> {
  const { time, address } = request;
  if (isAbsolute(time) && isAbsolute(address)) {
    const grid = resolveGrid(request);
    if (grid === undefined) return undefined;
    const { matrix, guides } = await readKnownGrid(reader, request, grid);
    const chosen = matrix ?? (await readMatrix(reader, request, { grid, guides }));
    return finishMatrix(chosen, reader);
  }
  const { guides, again, matrix } = await readGuide(reader, request);
  const grid = resolveGrid(request, guides[0]);
  const chosen = matrix ?? (grid && (await readMatrix(again, request, { grid, guides })));
  return finishMatrix(chosen, reader);
}
