import { RegionScratch } from '../regionScratch.ts';
import type { RecordedStream } from '../recording.ts';
import type { TraceLine } from './traceLine.ts';

const SMALL_CAPACITY = 64;
/** Beyond this the streams are forgotten; a hostile file names any number. */
const MAX_STREAMS = 2048;

/** The snapshots of one target (or one scheme's view of it) of one kdamond, as the lines come. */
export interface TraceTextStream {
  readonly key: string;
  readonly task: string;
  readonly recorded: RecordedStream;
  readonly isOfScheme: boolean;
  readonly scratch: RegionScratch;
  /** Some of the regions announced have come, and perhaps all. */
  isOpen: boolean;
  /** What is wrong with the open snapshot. */
  problem: string | undefined;
  isFake: boolean;
  nrRegions: number;
  /** Where its first line is. */
  byteOffset: number;
  endNs: bigint;
  lastSeconds: number;
  lastNanoseconds: number;
  lastEndLow: number;
  lastEndHigh: number;
  lastStartLow: number;
  lastStartHigh: number;
  /** Of the snapshot before, whether it was whole or not. */
  previousEndNs: bigint | undefined;
  /** Longer pauses between two regions mean that something was lost; Infinity until learned. */
  maxPauseNs: number;
  /** The snapshot before ended with a pause that was too long. */
  hasPaused: boolean;
}

function createStream(key: string, task: string, line: TraceLine): TraceTextStream {
  const isOfScheme = line.event === 'before_apply';
  const target = (BigInt(line.targetHigh) << 32n) | BigInt(line.targetLow);
  return {
    key,
    task,
    isOfScheme,
    recorded: {
      kdamond: undefined,
      contextIndex: isOfScheme ? line.contextIndex : undefined,
      schemeIndex: isOfScheme ? line.schemeIndex : undefined,
      targetId: target.toString(),
      targetName: undefined,
      intervals: undefined,
      schemeFilters: [],
      dataSource: undefined,
    },
    scratch: new RegionScratch(SMALL_CAPACITY),
    isOpen: false,
    problem: undefined,
    isFake: false,
    nrRegions: 0,
    byteOffset: 0,
    endNs: 0n,
    lastSeconds: 0,
    lastNanoseconds: 0,
    lastEndLow: 0,
    lastEndHigh: 0,
    lastStartLow: 0,
    lastStartHigh: 0,
    previousEndNs: undefined,
    maxPauseNs: Infinity,
    hasPaused: false,
  };
}

/** Finds the stream of a line; consecutive lines mostly belong to the same. */
export class TraceStreams {
  readonly #byKey = new Map<string, TraceTextStream>();
  #current: TraceTextStream | undefined;
  #task = '';
  #taskBytes = new Uint8Array(0);
  #targetLow = 0;
  #targetHigh = 0;
  #contextIndex = -1;
  #schemeIndex = -1;

  get all(): Iterable<TraceTextStream> {
    return this.#byKey.values();
  }

  /** The name of the task that wrote the line. */
  selectTask(bytes: Uint8Array, line: TraceLine): string {
    const length = line.taskTo - line.taskFrom;
    let isSame = length === this.#taskBytes.length;
    for (let index = 0; isSame && index < length; index += 1) {
      isSame = bytes[line.taskFrom + index] === this.#taskBytes[index];
    }
    if (!isSame) {
      this.#taskBytes = bytes.slice(line.taskFrom, line.taskTo);
      this.#task = Buffer.from(this.#taskBytes).toString('latin1').trim();
      this.#current = undefined;
    }
    return this.#task;
  }

  select(bytes: Uint8Array, line: TraceLine): TraceTextStream {
    const task = this.selectTask(bytes, line);
    const isOfScheme = line.event === 'before_apply';
    const contextIndex = isOfScheme ? line.contextIndex : -1;
    const schemeIndex = isOfScheme ? line.schemeIndex : -1;
    const isCurrent =
      line.targetLow === this.#targetLow &&
      line.targetHigh === this.#targetHigh &&
      contextIndex === this.#contextIndex &&
      schemeIndex === this.#schemeIndex;
    if (isCurrent && this.#current !== undefined) return this.#current;
    this.#targetLow = line.targetLow;
    this.#targetHigh = line.targetHigh;
    this.#contextIndex = contextIndex;
    this.#schemeIndex = schemeIndex;
    const key = `${task}/${contextIndex}/${schemeIndex}/${line.targetHigh}/${line.targetLow}`;
    this.#current = this.#byKey.get(key) ?? this.#add(createStream(key, task, line));
    return this.#current;
  }

  #add(stream: TraceTextStream): TraceTextStream {
    if (this.#byKey.size >= MAX_STREAMS) this.#byKey.clear();
    this.#byKey.set(stream.key, stream);
    return stream;
  }
}
