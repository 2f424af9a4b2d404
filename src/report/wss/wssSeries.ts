import { computeWssBytes } from '../../damon/derive.ts';
import type { RecordedSnapshot, RecordedStream } from '../../record/recording.ts';
import { createGrowingColumn } from '../growingColumn.ts';
import type { GrowingColumn } from '../growingColumn.ts';
import { createWorkWindow } from './workWindow.ts';
import type { WssOptions } from './wssOptions.ts';

/** Working set sizes of one stream as they followed in time, one entry for each window. */
export interface WssSeries {
  readonly stream: RecordedStream;
  readonly bytes: Float64Array;
  /** Nanoseconds from `baseNs`. */
  readonly start: Float64Array;
  readonly end: Float64Array;
}

export interface WssRecord {
  /** Start of the record's first snapshot that was read. */
  readonly baseNs: bigint;
  /** In the order in which the streams come first; a stream may be empty. */
  readonly series: readonly WssSeries[];
}

export interface WssBuilder {
  add(snapshot: RecordedSnapshot): void;
  finish(): WssRecord;
}

interface Growing {
  readonly stream: RecordedStream;
  nrSeen: number;
  readonly bytes: GrowingColumn;
  readonly start: GrowingColumn;
  readonly end: GrowingColumn;
  readonly window: ReturnType<typeof createWorkWindow>;
}

/** One snapshot's working set in bytes. */
function measureSnapshot({ regions }: RecordedSnapshot, options: WssOptions): number {
  const { accessThreshold, sizeThreshold } = options;
  if (sizeThreshold <= 1n) return Number(computeWssBytes(regions, accessThreshold));
  let bytes = 0n;
  for (let index = 0; index < regions.count; index++) {
    const size = (regions.endAddr[index] ?? 0n) - (regions.startAddr[index] ?? 0n);
    const isAccessed = (regions.nrAccesses[index] ?? 0) >= accessThreshold;
    if (isAccessed && size >= sizeThreshold) bytes += size;
  }
  return Number(bytes);
}

function createGrowing(stream: RecordedStream, options: WssOptions): Growing {
  return {
    stream,
    nrSeen: 0,
    bytes: createGrowingColumn(),
    start: createGrowingColumn(),
    end: createGrowingColumn(),
    window: createWorkWindow(options),
  };
}

function finishSeries({ stream, bytes, start, end }: Growing): WssSeries {
  return { stream, bytes: bytes.values(), start: start.values(), end: end.values() };
}

/** Measures each stream by itself. Memory: three numbers for each window, and the open windows. */
export function createWssBuilder(options: WssOptions): WssBuilder {
  const streams = new Map<RecordedStream, Growing>();
  let baseNs: bigint | undefined;

  const push = (growing: Growing, span: { startNs: bigint; endNs: bigint }, wss: number): void => {
    growing.bytes.push(wss);
    growing.start.push(Number(span.startNs - (baseNs ?? 0n)));
    growing.end.push(Number(span.endNs - (baseNs ?? 0n)));
  };

  return {
    add: (snapshot) => {
      baseNs ??= snapshot.startNs;
      let growing = streams.get(snapshot.stream);
      if (growing === undefined) {
        growing = createGrowing(snapshot.stream, options);
        streams.set(snapshot.stream, growing);
      }
      growing.nrSeen += 1;
      if (growing.nrSeen <= options.excludeSamples) return;
      const { window } = growing;
      const durationNs = snapshot.endNs - snapshot.startNs;
      if (window.isEmpty && durationNs >= options.workTimeNs) {
        push(growing, snapshot, measureSnapshot(snapshot, options));
        return;
      }
      const done = window.add(snapshot);
      if (done) push(growing, done, done.bytes);
    },
    finish: () => ({ baseNs: baseNs ?? 0n, series: [...streams.values()].map(finishSeries) }),
  };
}
