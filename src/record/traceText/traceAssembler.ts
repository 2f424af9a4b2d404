import type { ByteWindow } from '../../base/byteWindow.ts';
import type { DamageList } from '../damages.ts';
import { computeFirstStartNs, extendSpan } from '../firstStart.ts';
import type { StreamSpan } from '../firstStart.ts';
import type { RecordedSnapshot } from '../recording.ts';
import { MAX_SNAPSHOT_REGIONS } from '../regionScratch.ts';
import { TraceLineParser, createTraceLine } from './traceLine.ts';
import type { TraceLine } from './traceLine.ts';
import { TraceStreams } from './traceStreams.ts';
import type { TraceTextStream } from './traceStreams.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const SPACE = 0x20;
const MAX_TUNED_TASKS = 2048;

/** Sampling intervals of one kdamond: what was in effect and what is. */
interface Tuning {
  readonly sinceNs: bigint;
  readonly sampleIntervalUs: number;
  readonly before: { readonly sinceNs: bigint; readonly sampleIntervalUs: number } | undefined;
}

/**
 * Puts lines together to snapshots. A snapshot is the next `nr_regions` lines of a target, and
 * nothing marks its beginning. So that a lost line costs the snapshot it belongs to and does not
 * shift all that follow, the lines of a snapshot must announce the same number, ascend, and follow
 * each other without a pause longer than half the spacing of snapshots. The lines of
 * `damos_before_apply` may be fewer than announced: a scheme is not tried on all regions.
 */
export class TraceAssembler {
  readonly #window: ByteWindow;
  readonly #damages: DamageList;
  readonly #spansBefore: ReadonlyMap<string, StreamSpan> | undefined;
  readonly #parser = new TraceLineParser();
  readonly #line = createTraceLine();
  readonly #streams = new TraceStreams();
  readonly #tunings = new Map<string, Tuning>();
  #whole: TraceTextStream | undefined;
  #finished: RecordedSnapshot[] = [];
  /** Filled while reading, by stream. */
  readonly spans: Map<string, StreamSpan> = new Map<string, StreamSpan>();
  #nrEvents = 0;

  /** With what an earlier reading found; without, nothing is delivered and only `spans` filled. */
  constructor(
    window: ByteWindow,
    damages: DamageList,
    spansBefore: ReadonlyMap<string, StreamSpan> | undefined,
  ) {
    this.#window = window;
    this.#damages = damages;
    this.#spansBefore = spansBefore;
  }

  /** Lines of DAMON's events so far. */
  get nrEvents(): number {
    return this.#nrEvents;
  }

  takeSnapshots(): RecordedSnapshot[] {
    const taken = this.#finished;
    this.#finished = [];
    return taken;
  }

  /** Works through the whole lines in the window; the last one needs no end where it is final. */
  advance(): void {
    const window = this.#window;
    const filled = window.bytes.subarray(0, window.end);
    for (;;) {
      const from = window.pos;
      const feed = filled.indexOf(LINE_FEED, from);
      const isWhole = feed >= 0;
      if (!isWhole && !(window.isFinal && from < window.end)) return;
      const next = isWhole ? feed + 1 : window.end;
      let to = isWhole ? feed : window.end;
      while (
        to > from &&
        (window.bytes[to - 1] === SPACE || window.bytes[to - 1] === CARRIAGE_RETURN)
      ) {
        to -= 1;
      }
      this.#takeLine(from, to);
      window.pos = next;
    }
  }

  /** Closes what is open. */
  finish(): void {
    this.#finishWhole();
    for (const stream of this.#streams.all) {
      if (stream.isOpen) this.#close(stream);
    }
  }

  #takeLine(from: number, to: number): void {
    const line = this.#line;
    try {
      if (!this.#parser.parse(this.#window, from, to, line)) return;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#damages.add(this.#window.offsetOf(from), `left out a line: ${error.message}`);
      return;
    }
    this.#nrEvents += 1;
    if (line.event === 'tune') {
      this.#tune(line);
      return;
    }
    const stream = this.#streams.select(this.#window.bytes, line);
    if (line.event === 'region_aggregated' && this.#addProbeHits(stream, line)) return;
    this.#finishWhole();
    this.#takeRegion(stream, line, from);
  }

  #tune(line: TraceLine): void {
    const task = this.#streams.selectTask(this.#window.bytes, line);
    const before = this.#tunings.get(task);
    if (this.#tunings.size >= MAX_TUNED_TASKS) this.#tunings.clear();
    this.#tunings.set(task, {
      sinceNs: toNs(line),
      sampleIntervalUs: line.sampleIntervalUs,
      // One step back is enough: the event comes right before the snapshot it does not apply to.
      before: before && { sinceNs: before.sinceNs, sampleIntervalUs: before.sampleIntervalUs },
    });
  }

  /** The same region once more, with what the probes saw. */
  #addProbeHits(stream: TraceTextStream, line: TraceLine): boolean {
    const isSame =
      stream.isOpen &&
      stream.nrRegions === line.nrRegions &&
      stream.lastStartLow === line.startLow &&
      stream.lastStartHigh === line.startHigh;
    const { scratch } = stream;
    if (isSame && stream.problem === undefined)
      addProbes(scratch, scratch.count - 1, line.probeHits);
    return isSame;
  }

  #takeRegion(stream: TraceTextStream, line: TraceLine, from: number): void {
    if (stream.isOpen && !continues(stream, line)) this.#close(stream);
    if (!stream.isOpen) begin(stream, line, this.#window.offsetOf(from));
    addRegion(stream, line);
    if (stream.scratch.count >= stream.nrRegions) this.#whole = stream;
  }

  /** The last line completed a snapshot and nothing belonging to it follows. */
  #finishWhole(): void {
    if (this.#whole === undefined) return;
    this.#close(this.#whole);
    this.#whole = undefined;
  }

  #close(stream: TraceTextStream): void {
    stream.isOpen = false;
    const { scratch, nrRegions, endNs, previousEndNs } = stream;
    const isWhole = scratch.count === nrRegions || stream.isOfScheme;
    const problem =
      stream.problem ??
      (isWhole ? undefined : `found ${scratch.count} of its ${nrRegions} regions`) ??
      (previousEndNs !== undefined && endNs < previousEndNs
        ? 'it is earlier than the one before it'
        : undefined);
    if (problem !== undefined) {
      this.#damages.add(stream.byteOffset, `left out a snapshot: ${problem}`);
    }
    if (previousEndNs !== undefined && endNs < previousEndNs) return;
    extendSpan(this.spans, stream.key, endNs);
    stream.previousEndNs = endNs;
    if (problem === undefined && !stream.isFake && this.#spansBefore !== undefined) {
      const startNs =
        previousEndNs ?? computeFirstStartNs(this.#spansBefore.get(stream.key), endNs);
      this.#finished.push(this.#build(stream, startNs));
    }
  }

  #build(stream: TraceTextStream, startNs: bigint): RecordedSnapshot {
    const tuning = this.#tunings.get(stream.task);
    const inEffect = tuning === undefined || tuning.sinceNs <= startNs ? tuning : tuning.before;
    return {
      stream: stream.recorded,
      startNs,
      endNs: stream.endNs,
      regions: stream.scratch.copy(false),
      sampleIntervalUs:
        inEffect !== undefined && inEffect.sinceNs <= startNs
          ? inEffect.sampleIntervalUs
          : undefined,
      totalBytes: undefined,
      schemeStats: undefined,
    };
  }
}

function toNs({ seconds, nanoseconds }: TraceLine): bigint {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
}

function continues(stream: TraceTextStream, line: TraceLine): boolean {
  if (stream.isFake || line.isFake || line.nrRegions !== stream.nrRegions) return false;
  const isAscending =
    line.startHigh === stream.lastEndHigh
      ? line.startLow >= stream.lastEndLow
      : line.startHigh > stream.lastEndHigh;
  if (!isAscending) return false;
  const pauseNs =
    (line.seconds - stream.lastSeconds) * 1e9 + line.nanoseconds - stream.lastNanoseconds;
  if (pauseNs >= 0 && pauseNs <= stream.maxPauseNs) return true;
  stream.hasPaused = true;
  return false;
}

function begin(stream: TraceTextStream, line: TraceLine, byteOffset: number): void {
  stream.scratch.clear();
  stream.isOpen = true;
  stream.isFake = line.isFake;
  stream.nrRegions = line.nrRegions;
  stream.problem =
    line.nrRegions > MAX_SNAPSHOT_REGIONS
      ? `it announces ${line.nrRegions} regions`
      : line.nrRegions === 0
        ? 'it announces no regions'
        : undefined;
  stream.byteOffset = byteOffset;
  stream.endNs = toNs(line);
  // Should snapshots really take that long, the next one is not cut in two again.
  const spacingNs = Number(stream.endNs - (stream.previousEndNs ?? stream.endNs));
  stream.maxPauseNs = spacingNs > 0 && !stream.hasPaused ? spacingNs / 2 : Infinity;
  stream.hasPaused = false;
}

function addRegion(stream: TraceTextStream, line: TraceLine): void {
  const { scratch } = stream;
  stream.lastSeconds = line.seconds;
  stream.lastNanoseconds = line.nanoseconds;
  stream.lastStartLow = line.startLow;
  stream.lastStartHigh = line.startHigh;
  stream.lastEndLow = line.endLow;
  stream.lastEndHigh = line.endHigh;
  const isEmpty =
    line.endHigh === line.startHigh ? line.endLow <= line.startLow : line.endHigh < line.startHigh;
  if (isEmpty && !line.isFake) stream.problem ??= `region ${scratch.count} is empty`;
  // What is wrong is left out anyway; nothing is collected for it.
  if (stream.problem === undefined) {
    scratch.reserve();
    scratch.setHalves(line.startLow, line.startHigh, line.endLow, line.endHigh);
    scratch.nrAccesses[scratch.count] = line.nrAccesses;
    if (line.age >= 0) scratch.setAge(line.age);
    if (line.event === 'region_aggregated') addProbes(scratch, scratch.count, line.probeHits);
  }
  scratch.count += 1;
}

function addProbes(
  scratch: TraceTextStream['scratch'],
  index: number,
  hits: readonly number[],
): void {
  for (let probe = 0; probe < hits.length; probe += 1) {
    scratch.setProbeHits(probe, hits[probe] ?? 0, index);
  }
}
