import { basename } from 'node:path';
import { RecordError } from '../../base/errors.ts';
import { openOwnRecord } from '../own/openOwnRecord.ts';
import type { OwnRecordReader } from '../own/openOwnRecord.ts';
import { OWN_FORMAT } from '../own/openOwnRecord.ts';
import { createRecordError } from '../recordFault.ts';
import { isErrno, nodeRecordFs } from '../own/recordFs.ts';
import type { RecordFs } from '../own/recordFs.ts';
import { UNKNOWN_CLOCK_ID } from '../own/frame.ts';
import { createStreamInterner } from '../own/streamDefinition.ts';
import type {
  ClockBase,
  LendOptions,
  ReadRange,
  RecordDamage,
  RecordedSnapshot,
  RecordReader,
} from '../recording.ts';
import { listSegments, findBase } from './segments.ts';
import { isLockHeld } from './writerLock.ts';

type SegmentClock = Pick<OwnRecordReader, 'clockBase' | 'clockId'>;

/** What must be added to times of `clock` to make them times of `first`. */
export function computeClockOffsetNs(first: SegmentClock, clock: SegmentClock): bigint {
  const isSame = clock.clockId === first.clockId && clock.clockId !== UNKNOWN_CLOCK_ID;
  if (isSame || first.clockBase === undefined || clock.clockBase === undefined) return 0n;
  const wallNs = BigInt(Math.round((clock.clockBase.wallMs - first.clockBase.wallMs) * 1e6));
  return wallNs - (clock.clockBase.recordNs - first.clockBase.recordNs);
}

interface OpenSegment {
  readonly reader: OwnRecordReader;
  /** What its times lack to be in the clock of the first. */
  readonly offsetNs: bigint;
}

function shiftRange(range: ReadRange | undefined, offsetNs: bigint): ReadRange | undefined {
  const shift = (timeNs: bigint | undefined): bigint | undefined =>
    timeNs === undefined ? undefined : timeNs + offsetNs;
  return range && { startNs: shift(range.startNs), endNs: shift(range.endNs) };
}

function shiftSnapshot(snapshot: RecordedSnapshot, offsetNs: bigint): RecordedSnapshot {
  const { startNs, endNs } = snapshot;
  return { ...snapshot, startNs: startNs + offsetNs, endNs: endNs + offsetNs };
}

function* shiftAll(
  snapshots: Iterable<RecordedSnapshot>,
  offsetNs: bigint,
): Generator<RecordedSnapshot> {
  for (const snapshot of snapshots) yield shiftSnapshot(snapshot, offsetNs);
}

class RollingReader implements RecordReader {
  readonly format = OWN_FORMAT;
  readonly #fs: RecordFs;
  readonly #base: string;
  readonly #wallMs: () => number;
  readonly #interner = createStreamInterner();
  readonly #damages = new Map<string, RecordDamage>();
  #first: SegmentClock | undefined;

  constructor(fs: RecordFs, base: string, wallMs: () => number) {
    this.#fs = fs;
    this.#base = base;
    this.#wallMs = wallMs;
  }

  get clockBase(): ClockBase | undefined {
    return this.#first?.clockBase;
  }

  get damages(): readonly RecordDamage[] {
    return [...this.#damages.values()];
  }

  async *readSnapshots(range?: ReadRange): AsyncGenerator<readonly RecordedSnapshot[]> {
    for await (const { reader, offsetNs } of this.#readSegments()) {
      for await (const batch of reader.readSnapshots(shiftRange(range, -offsetNs))) {
        yield offsetNs === 0n ? batch : batch.map((one) => shiftSnapshot(one, offsetNs));
      }
    }
  }

  async *lendSnapshots(
    range: ReadRange | undefined,
    options: LendOptions,
  ): AsyncGenerator<Iterable<RecordedSnapshot>> {
    for await (const { reader, offsetNs } of this.#readSegments()) {
      for await (const batch of reader.lendSnapshots(shiftRange(range, -offsetNs), options)) {
        yield offsetNs === 0n ? batch : shiftAll(batch, offsetNs);
      }
    }
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Undefined for one that was deleted, or is unreadable: the others are read all the same. */
  async #openSegment(path: string, isBeingWritten: boolean): Promise<OwnRecordReader | undefined> {
    const options = { fs: this.#fs, interner: this.#interner, isBeingWritten };
    try {
      return await openOwnRecord(path, options);
    } catch (error) {
      if (!(error instanceof RecordError)) throw error;
      if (isErrno(error.cause, 'ENOENT')) return undefined;
      this.#damages.set(path, { byteOffset: 0, message: error.message });
      return undefined;
    }
  }

  /** Each is open while it is worked on. */
  async *#readSegments(): AsyncGenerator<OpenSegment> {
    const segments = await listSegments(this.#fs, this.#base);
    const isLocked = await isLockHeld(this.#fs, this.#base, this.#wallMs());
    for (const { path } of segments) {
      const isBeingWritten = isLocked && path === segments.at(-1)?.path;
      const reader = await this.#openSegment(path, isBeingWritten);
      if (reader === undefined) continue;
      try {
        this.#first ??= { clockBase: reader.clockBase, clockId: reader.clockId };
        yield { reader, offsetNs: computeClockOffsetNs(this.#first, reader) };
        this.#noteDamages(reader);
      } finally {
        await reader.close();
      }
    }
  }

  #noteDamages(reader: OwnRecordReader): void {
    for (const { byteOffset, message } of reader.damages) {
      const text = `${basename(reader.path)}: ${message}`;
      this.#damages.set(`${reader.path} ${byteOffset}`, { byteOffset, message: text });
    }
  }
}

export interface OpenRollingOptions {
  readonly fs?: RecordFs;
  /** Tells whether the lock is still held. */
  readonly wallMs?: () => number;
}

/**
 * Opens all segments of a rolling record as one. Undefined when there is none under this path, which
 * may be the base path or a directory.
 *
 * @throws RecordError when they cannot be looked for.
 */
export async function openRollingRecord(
  path: string,
  { fs = nodeRecordFs, wallMs = Date.now }: OpenRollingOptions = {},
): Promise<RecordReader | undefined> {
  try {
    const base = await findBase(fs, path);
    const segments = await listSegments(fs, base);
    return segments.length === 0 ? undefined : new RollingReader(fs, base, wallMs);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return undefined;
    throw createRecordError('open', path, error);
  }
}
