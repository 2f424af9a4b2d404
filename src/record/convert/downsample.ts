import { RecordError } from '../../base/errors.ts';
import type { RecordedSnapshot, RecordedStream } from '../recording.ts';
import { WindowPieces } from './windowPieces.ts';

interface OpenWindow {
  readonly stream: RecordedStream;
  readonly baseNs: bigint;
  readonly pieces: WindowPieces;
  index: bigint;
  /** Undefined: no snapshot in it yet. */
  first: RecordedSnapshot | undefined;
  last: RecordedSnapshot | undefined;
  hasAges: boolean;
}

/** A hostile record names any number of streams. */
const MAX_STREAMS = 4096;

/**
 * Aggregates snapshots to longer intervals. A snapshot belongs to the window its middle lies in.
 * Rates are kept: the accesses of a window are the time-weighted mean of those of its snapshots,
 * over the time an address was observed, times the interval. Ages are those of the last snapshot,
 * in the new unit. Left out: probes, and what passed filters.
 */
export class Downsampler {
  readonly #path: string;
  readonly #aggrIntervalUs: number;
  readonly #windows = new Map<RecordedStream, OpenWindow>();

  constructor(path: string, aggrIntervalUs: number) {
    this.#path = path;
    this.#aggrIntervalUs = aggrIntervalUs;
  }

  /**
   * Adds a snapshot.
   *
   * @returns the window before it, if this one begins the next.
   * @throws RecordError when the record's interval is longer than the one asked for.
   */
  add(snapshot: RecordedSnapshot): RecordedSnapshot | undefined {
    const window = this.#windows.get(snapshot.stream) ?? this.#addWindow(snapshot);
    const middle = (snapshot.startNs + snapshot.endNs) / 2n - window.baseNs;
    const index = middle / (BigInt(this.#aggrIntervalUs) * 1000n);
    const done = index === window.index ? undefined : this.#close(window);
    window.index = index;
    window.first ??= snapshot;
    window.last = snapshot;
    window.hasAges &&= snapshot.regions.hasAges;
    const durationUs = Number(snapshot.endNs - snapshot.startNs) / 1000;
    window.pieces.add(snapshot.regions, {
      // A snapshot that is alone in its text has no duration, and counts all the same.
      durationUs: Math.max(durationUs, 1),
      aggrIntervalUs: computeAggrIntervalUs(snapshot) ?? Math.max(durationUs, 1),
    });
    return done;
  }

  /** The windows that are still open. */
  *finish(): Generator<RecordedSnapshot> {
    for (const window of this.#windows.values()) {
      const last = this.#close(window);
      if (last !== undefined) yield last;
    }
  }

  #addWindow({ stream, startNs }: RecordedSnapshot): OpenWindow {
    const { intervals } = stream;
    const isLonger = (intervals?.aggrIntervalUs ?? 0) > this.#aggrIntervalUs;
    if (isLonger && intervals?.goal === undefined) {
      throw new RecordError({
        operation: 'aggregate',
        path: this.#path,
        hint: `found an aggregation interval of ${intervals?.aggrIntervalUs ?? 0} us, expected one of at most ${this.#aggrIntervalUs} us: a shorter one cannot be made`,
      });
    }
    if (this.#windows.size >= MAX_STREAMS) {
      const hint = `found more than ${MAX_STREAMS} targets`;
      throw new RecordError({ operation: 'aggregate', path: this.#path, hint });
    }
    const window = {
      stream: intervals === undefined ? { ...stream } : this.#withInterval(stream, intervals),
      baseNs: startNs,
      pieces: new WindowPieces(),
      index: 0n,
      first: undefined,
      last: undefined,
      hasAges: true,
    };
    this.#windows.set(stream, window);
    return window;
  }

  #withInterval(
    stream: RecordedStream,
    intervals: NonNullable<RecordedStream['intervals']>,
  ): RecordedStream {
    const aggregated = { ...intervals, aggrIntervalUs: this.#aggrIntervalUs, goal: undefined };
    return { ...stream, intervals: aggregated };
  }

  #close(window: OpenWindow): RecordedSnapshot | undefined {
    const { first, last, stream, hasAges, pieces } = window;
    if (first === undefined || last === undefined) return undefined;
    window.first = window.last = undefined;
    window.hasAges = true;
    return {
      stream,
      startNs: first.startNs,
      endNs: last.endNs,
      regions: pieces.takeRegions(this.#aggrIntervalUs, hasAges),
      sampleIntervalUs: undefined,
      totalBytes: undefined,
      schemeStats: last.schemeStats,
    };
  }
}

/** Of this snapshot: tuning keeps the number of samples per aggregation. */
function computeAggrIntervalUs({ stream, sampleIntervalUs }: RecordedSnapshot): number | undefined {
  const { intervals } = stream;
  if (intervals === undefined) return undefined;
  if (sampleIntervalUs === undefined) return intervals.aggrIntervalUs;
  return (sampleIntervalUs * intervals.aggrIntervalUs) / intervals.sampleIntervalUs;
}
