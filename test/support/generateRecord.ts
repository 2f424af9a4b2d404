import { createRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { createDamoJsonWriter } from '../../src/record/damoJson/damoJsonWriter.ts';
import type {
  RecordWriter,
  RecordedIntervals,
  RecordedSnapshot,
  RecordedStream,
} from '../../src/record/recording.ts';
import { createRegionColumns } from '../../src/damon/snapshot.ts';

/**
 * - constant: every region has 20 of 20 samples, always (200 Hz with the default intervals)
 * - staircase: of ten equal parts of the addresses one is hot at a time, from the first to the last
 * - phases: all hot for 20 snapshots, then all idle for 20
 * - noise: what a busy process looks like; a third of the regions accessed
 * - idle: no access at all
 */
export type RecordShape = 'constant' | 'staircase' | 'phases' | 'noise' | 'idle';

export interface GeneratedRecordOptions {
  readonly nrSnapshots: number;
  /** In each snapshot of each target. */
  readonly nrRegions: number;
  readonly shape?: RecordShape;
  readonly seed?: number;
  readonly nrTargets?: number;
  readonly hasAges?: boolean;
  readonly intervals?: RecordedIntervals | undefined;
  readonly startNs?: bigint;
  /** Of the first target; the others count on. */
  readonly targetId?: bigint;
}

export const DEFAULT_INTERVALS: RecordedIntervals = {
  sampleIntervalUs: 5_000,
  aggrIntervalUs: 100_000,
  updateIntervalUs: 1_000_000,
  goal: undefined,
};

const PAGE_BYTES = 4096;
const MAX_ACCESSES = 20;
/** Like a process: program and heap, mappings, stack, with wide gaps between. */
const AREAS = [
  { startPage: 0x55d0_1234_5, pages: 40_000 },
  { startPage: 0x7f31_0000_0, pages: 400_000 },
  { startPage: 0x7ffd_9abc_d, pages: 600 },
] as const;
const TOTAL_PAGES = AREAS.reduce((sum, { pages }) => sum + pages, 0);

/** Borders of regions, in pages counted over all areas without their gaps. */
function cutPages(nrRegions: number, random: Random): Float64Array {
  const borders = new Set([0, TOTAL_PAGES]);
  let areaEnd = 0;
  for (const { pages } of AREAS) borders.add((areaEnd += pages));
  if (nrRegions < borders.size - 1) throw new RangeError(`at least ${borders.size - 1} regions`);
  while (borders.size <= nrRegions) borders.add(1 + random.below(TOTAL_PAGES - 1));
  return Float64Array.from(borders).sort();
}

/** Moves some borders by some pages, as splitting and merging do; those of areas stay. */
function moveBorders(borders: Float64Array, random: Random): void {
  const nrMoves = 1 + Math.floor(borders.length / 20);
  const fixed = [40_000, 440_000];
  for (let move = 0; move < nrMoves; move += 1) {
    const index = 1 + random.below(borders.length - 2);
    const low = borders[index - 1]! + 1;
    const high = borders[index + 1]! - 1;
    if (fixed.includes(borders[index]!) || high <= low) continue;
    borders[index] = low + random.below(high - low);
  }
}

function pageToAddr(page: number, isEnd: boolean): number {
  let areaStart = 0;
  for (const { startPage, pages } of AREAS) {
    const inArea = page - areaStart;
    if (inArea < pages || (isEnd && inArea === pages)) return (startPage + inArea) * PAGE_BYTES;
    areaStart += pages;
  }
  throw new RangeError('beyond the last area');
}

interface Moment {
  readonly shape: RecordShape;
  readonly snapshot: number;
  readonly nrSnapshots: number;
  readonly random: Random;
}

function chooseAccesses(centerPage: number, moment: Moment): number {
  const { shape, snapshot, nrSnapshots, random } = moment;
  switch (shape) {
    case 'constant':
      return MAX_ACCESSES;
    case 'idle':
      return 0;
    case 'phases':
      return Math.floor(snapshot / 20) % 2 === 0 ? MAX_ACCESSES : 0;
    case 'staircase':
      return Math.floor((10 * centerPage) / TOTAL_PAGES) ===
        Math.floor((10 * snapshot) / nrSnapshots)
        ? MAX_ACCESSES - random.below(3)
        : 0;
    case 'noise':
      return random.below(3) === 0 ? 1 + random.below(MAX_ACCESSES) : 0;
  }
}

/** The snapshots one by one: nothing is kept, so that records of any length can be made. */
export function* generateSnapshots(options: GeneratedRecordOptions): Generator<RecordedSnapshot> {
  const { nrSnapshots, nrRegions, shape = 'noise', nrTargets = 1, hasAges = true } = options;
  const intervals = 'intervals' in options ? options.intervals : DEFAULT_INTERVALS;
  const random = createRandom(options.seed ?? 1);
  const targets = Array.from({ length: nrTargets }, (_, index) => ({
    stream: createStream((options.targetId ?? 0n) + BigInt(index), intervals),
    borders: cutPages(nrRegions, random),
    accesses: new Uint32Array(nrRegions),
    ages: new Uint32Array(nrRegions),
  }));
  const aggrNs = BigInt(intervals?.aggrIntervalUs ?? 100_000) * 1000n;
  let startNs = options.startNs ?? 1_000_000_000_000n;
  for (let snapshot = 0; snapshot < nrSnapshots; snapshot += 1) {
    // Aggregations take a little longer than asked for, as they do in the kernel.
    const endNs = startNs + aggrNs + BigInt(random.below(400_000));
    const moment = { shape, snapshot, nrSnapshots, random };
    for (const { stream, borders, accesses, ages } of targets) {
      const columns = createRegionColumns(nrRegions);
      columns.count = nrRegions;
      for (let index = 0; index < nrRegions; index += 1) {
        const [from, to] = [borders[index]!, borders[index + 1]!];
        columns.startAddr[index] = BigInt(pageToAddr(from, false));
        columns.endAddr[index] = BigInt(pageToAddr(to, true));
        const count = chooseAccesses((from + to) / 2, moment);
        ages[index] = Math.abs(count - accesses[index]!) <= 2 ? ages[index]! + 1 : 0;
        accesses[index] = count;
      }
      columns.nrAccesses.set(accesses);
      if (hasAges) columns.ageIntervals.set(ages);
      moveBorders(borders, random);
      const regions = { ...columns, hasAges, probeHits: [], filterPassedBytes: undefined };
      yield {
        stream,
        startNs,
        endNs,
        regions,
        sampleIntervalUs: undefined,
        totalBytes: BigInt(TOTAL_PAGES * PAGE_BYTES),
        schemeStats: undefined,
      };
    }
    startNs = endNs;
  }
}

function createStream(targetId: bigint, intervals: RecordedIntervals | undefined): RecordedStream {
  return {
    kdamond: undefined,
    contextIndex: undefined,
    schemeIndex: undefined,
    targetId: targetId.toString(),
    targetName: undefined,
    intervals,
    schemeFilters: [],
    dataSource: undefined,
  };
}

/** Writes all snapshots and closes. */
export async function writeSnapshots(
  writer: RecordWriter,
  snapshots: Iterable<RecordedSnapshot>,
): Promise<void> {
  for (const snapshot of snapshots) await writer.write(snapshot);
  await writer.close();
}

/** A generated record in the layout of damo 3.4, byte for byte. */
export async function writeDamoRecord(
  path: string,
  options: GeneratedRecordOptions,
  isCompressed = true,
): Promise<void> {
  const writer = await createDamoJsonWriter({ path, isCompressed, mode: 0o644 });
  await writeSnapshots(writer, generateSnapshots(options));
}
