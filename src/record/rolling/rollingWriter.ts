import { dirname } from 'node:path';
import { describeError } from '../../base/errors.ts';
import type { RecordHealth } from '../../damon/observation.ts';
import { createRecordFileWriter } from '../own/recordFileWriter.ts';
import type { OwnRecordWriter } from '../own/recordFileWriter.ts';
import { createRecordError, isOutOfSpace } from '../recordFault.ts';
import { nodeRecordFs } from '../own/recordFs.ts';
import type { RecordFs } from '../own/recordFs.ts';
import { createStreamDefiner } from '../own/streamDefinition.ts';
import type { RecordedSnapshot } from '../recording.ts';
import type { RollingWriter, RollingWriterOptions } from './rolling.ts';
import { resolveBase } from './segments.ts';
import { SegmentStore } from './segmentStore.ts';
import { createSettledWall } from './settledWall.ts';
import { acquireWriterLock, buildLockPath } from './writerLock.ts';
import type { WriterLock } from './writerLock.ts';

/** Segments the whole is made of: what deleting the oldest one costs. */
const NR_SEGMENTS = 8;
/** After an error; so that a full disk is not tried at each snapshot. */
const RETRY_MS = 10_000;
const UPKEEP_MS = 10_000;
const QUIET_MS = 3_600_000;

interface OpenSegment {
  readonly writer: OwnRecordWriter;
  readonly openedMs: number;
  nrTaken: number;
}

class RollingRecord implements RollingWriter {
  readonly base: string;
  readonly #options: RollingWriterOptions;
  readonly #fs: RecordFs;
  readonly #definer = createStreamDefiner();
  readonly #segmentBytes: number;
  readonly #segmentAgeMs: number;
  #lock: WriterLock | undefined;
  readonly #store: SegmentStore;
  readonly #upkeepTimer: NodeJS.Timeout;
  #segment: OpenSegment | undefined;
  #retryAtMs = -Infinity;
  #flushedAtMs: number | undefined;
  #nrDropped = 0;
  /** Dropped before the trouble that lasts. */
  #nrDroppedBefore = 0;
  #nrErrors = 0;
  #isInTrouble = false;
  /** By message. */
  readonly #quietUntilMs = new Map<string, number>();
  readonly #settledWallMs: () => number;

  constructor(base: string, options: RollingWriterOptions) {
    this.base = base;
    this.#options = options;
    this.#fs = options.fs ?? nodeRecordFs;
    this.#segmentBytes = Math.ceil(options.maxSizeBytes / NR_SEGMENTS);
    this.#segmentAgeMs = options.maxAgeMs / NR_SEGMENTS;
    this.#store = new SegmentStore(this.#fs, base);
    this.#settledWallMs = createSettledWall(options.hostClock);
    this.#upkeepTimer = setInterval(() => void this.#upkeep(), UPKEEP_MS).unref();
  }

  /** @throws RecordError unless it only lacks room. */
  async open(): Promise<void> {
    try {
      await this.#takeLock();
    } catch (error) {
      if (!isOutOfSpace(error)) throw error;
      this.#enterTrouble(error);
    }
  }

  async write(snapshot: RecordedSnapshot): Promise<void> {
    const segment = await this.#ensureSegment();
    if (segment === undefined) {
      this.#nrDropped += 1;
      return;
    }
    segment.nrTaken += 1;
    try {
      await segment.writer.write(snapshot);
      if (this.#isDone(segment)) await this.#finishSegment(segment);
    } catch (error) {
      if (segment.writer.failure !== undefined) await this.#abandonSegment(segment, error);
      else {
        // The snapshot itself cannot be recorded; the segment is as good as before.
        segment.nrTaken -= 1;
        this.#nrDropped += 1;
        this.#noteError('a snapshot cannot be recorded', error);
      }
    }
  }

  async flush(): Promise<void> {
    const segment = this.#segment;
    try {
      await segment?.writer.flush();
    } catch (error) {
      if (segment !== undefined) await this.#abandonSegment(segment, error);
    }
  }

  async close(): Promise<void> {
    const segment = this.#segment;
    try {
      if (segment !== undefined) await this.#finishSegment(segment);
    } catch (error) {
      if (segment !== undefined) await this.#abandonSegment(segment, error);
    }
    clearInterval(this.#upkeepTimer);
    try {
      await this.#lock?.release();
    } catch (error) {
      this.#noteError('could not give the record free', error);
    }
    this.#lock = undefined;
  }

  health(): RecordHealth {
    const open = this.#segment?.writer;
    return {
      isRecording: !this.#isInTrouble,
      sizeBytes: this.#store.sizeBytes + (open?.sizeBytes ?? 0),
      nrSegments: this.#store.nrSegments + (open === undefined ? 0 : 1),
      flushAgeSeconds:
        this.#flushedAtMs === undefined ? undefined : (this.#nowMs() - this.#flushedAtMs) / 1000,
      droppedSnapshots: this.#nrDropped,
      errors: this.#nrErrors,
    };
  }

  /** Steady milliseconds. */
  #nowMs(): number {
    return Number(this.#options.hostClock.monotonicNs() / 1000n) / 1000;
  }

  async #takeLock(): Promise<void> {
    const { self, isAlive, hostClock } = this.#options;
    const wallMs = hostClock.wallMs.bind(hostClock);
    const path = buildLockPath(this.base);
    try {
      this.#lock = await acquireWriterLock(path, { fs: this.#fs, self, isAlive, wallMs });
      await this.#store.load();
    } catch (error) {
      throw createRecordError('lock', path, error);
    }
  }

  async #ensureSegment(): Promise<OpenSegment | undefined> {
    // A block that a timer wrote may have failed since.
    const broken = this.#segment?.writer.failure;
    if (this.#segment !== undefined && broken !== undefined) {
      await this.#abandonSegment(this.#segment, broken);
    }
    if (this.#segment !== undefined) return this.#segment;
    if (this.#nowMs() < this.#retryAtMs) return undefined;
    try {
      if (this.#lock === undefined) await this.#takeLock();
      await this.#prune();
      this.#segment = await this.#beginSegment();
    } catch (error) {
      this.#enterTrouble(error);
    }
    return this.#segment;
  }

  async #beginSegment(): Promise<OpenSegment> {
    const { recordClock, clockId, flushIntervalMs } = this.#options;
    const path = this.#store.nextPath();
    const writer = await createRecordFileWriter(path, {
      fs: this.#fs,
      clockBase: { recordNs: recordClock.monotonicNs(), wallMs: recordClock.wallMs() },
      clockId,
      flushIntervalMs,
      definer: this.#definer,
      onBlock: () => {
        this.#noteFlush();
      },
    });
    return { writer, openedMs: this.#nowMs(), nrTaken: 0 };
  }

  #noteFlush(): void {
    this.#flushedAtMs = this.#nowMs();
    if (!this.#isInTrouble) return;
    this.#isInTrouble = false;
    this.#options.logger.info('recording again', {
      path: this.base,
      dropped: this.#nrDropped - this.#nrDroppedBefore,
    });
  }

  #isDone({ writer, openedMs }: OpenSegment): boolean {
    if (writer.sizeBytes >= this.#segmentBytes) return true;
    return writer.nrWritten > 0 && this.#nowMs() - openedMs >= this.#segmentAgeMs;
  }

  async #finishSegment({ writer }: OpenSegment): Promise<void> {
    await writer.close();
    await this.#keepSegment(writer);
  }

  /** The file may still be good for something: blocks written before. */
  async #abandonSegment(segment: OpenSegment, error: unknown): Promise<void> {
    const { writer } = segment;
    this.#enterTrouble(error);
    this.#nrDropped += segment.nrTaken - writer.nrWritten;
    try {
      await writer.close();
    } catch (closing) {
      // It fails with what it failed with before, after it has closed the file.
      if (closing !== writer.failure) this.#noteError('could not close a segment', closing);
    }
    await this.#keepSegment(writer);
  }

  async #keepSegment({ path, sizeBytes, nrWritten }: OwnRecordWriter): Promise<void> {
    this.#segment = undefined;
    const modifiedMs = this.#options.hostClock.wallMs();
    this.#store.add({ path, sizeBytes, modifiedMs });
    try {
      if (nrWritten === 0) await this.#store.remove(path);
    } catch (error) {
      this.#noteError('could not delete an empty segment', error);
    }
  }

  /** By time, not by snapshots: the record ages and other processes look at the lock meanwhile. */
  async #upkeep(): Promise<void> {
    try {
      await this.#lock?.touch();
      await this.#prune();
    } catch (error) {
      this.#noteError('could not look after the record', error);
    }
  }

  async #prune(): Promise<void> {
    const { maxSizeBytes, maxAgeMs } = this.#options;
    await this.#store.prune({
      maxSizeBytes: maxSizeBytes - this.#segmentBytes,
      oldestMs: this.#settledWallMs() - maxAgeMs,
    });
  }

  /** Tells it once, not at each try. */
  #enterTrouble(error: unknown): void {
    this.#retryAtMs = this.#nowMs() + RETRY_MS;
    this.#nrErrors += 1;
    if (this.#isInTrouble) return;
    this.#isInTrouble = true;
    this.#nrDroppedBefore = this.#nrDropped;
    this.#options.logger.error('recording stopped; what was recorded stays', {
      path: this.base,
      reason: describeError(error),
    });
  }

  /** Counts each, and tells those of one kind once an hour. */
  #noteError(message: string, error: unknown): void {
    this.#nrErrors += 1;
    if (this.#nowMs() < (this.#quietUntilMs.get(message) ?? -Infinity)) return;
    this.#quietUntilMs.set(message, this.#nowMs() + QUIET_MS);
    this.#options.logger.warn(message, { path: this.base, reason: describeError(error) });
  }
}

/**
 * Begins to record into segments beside `path`, or in it when it is a directory.
 *
 * @throws RecordError when another process records there or it is impossible for another reason than
 *   lack of room.
 */
export async function createRollingWriter(
  path: string,
  options: RollingWriterOptions,
): Promise<RollingWriter> {
  const fs = options.fs ?? nodeRecordFs;
  let base: string;
  try {
    await fs.makeDir(dirname(path));
    base = await resolveBase(fs, path);
  } catch (error) {
    throw createRecordError('record to', path, error);
  }
  const writer = new RollingRecord(base, options);
  await writer.open();
  return writer;
}
