import { DamageList, createDamageError } from '../damages.ts';
import { drain } from '../drain.ts';
import { computeFirstStartNs, extendSpan } from '../firstStart.ts';
import type { StreamSpan } from '../firstStart.ts';
import { isInRange } from '../readRange.ts';
import { MAX_TIME_NS } from '../recording.ts';
import type { ReadRange, RecordReader, RecordedSnapshot, RecordedStream } from '../recording.ts';
import { MAX_SNAPSHOT_REGIONS, RegionScratch } from '../regionScratch.ts';
import { SourceDamage } from '../source/byteSource.ts';
import type { ByteSource } from '../source/byteSource.ts';
import { BinaryCursor } from './binaryCursor.ts';
import type { BinaryVersion } from './binaryVersion.ts';
import { HEADER_BYTES } from './binaryVersion.ts';

const NS_PER_SECOND = 1_000_000_000n;
const MAX_SECONDS = MAX_TIME_NS / NS_PER_SECOND - 1n;
const MAX_TASKS = 65_536;
const MAX_STREAMS = 65_536;
/** Regions are read in slices, so that what is in memory is what the file has, not what it says. */
const REGION_BYTES = 20;
const SLICE_REGIONS = 4096;
const BATCH_REGIONS = 65_536;

/** Reads the binary records of damo up to 1.8: no header (v0), or one with version 1 or 2. */
export function createLegacyBinaryReader(
  path: string,
  source: ByteSource,
  version: BinaryVersion,
): RecordReader {
  let damages = new DamageList(source);
  let spans: ReadonlyMap<string, StreamSpan> | undefined;
  return {
    format: 'binary',
    clockBase: undefined,
    get damages() {
      return damages.list;
    },
    async *readSnapshots(range?: ReadRange) {
      spans ??= await findSpans(path, source, version);
      damages = new DamageList(source);
      const reading = new BinaryReading(version, damages, spans);
      for await (const batch of readBatches(source, reading)) {
        const inRange = range === undefined ? batch : batch.filter((one) => isInRange(one, range));
        if (inRange.length > 0) yield inRange;
      }
    },
    close: () => Promise.resolve(),
  };
}

async function findSpans(
  path: string,
  source: ByteSource,
  version: BinaryVersion,
): Promise<ReadonlyMap<string, StreamSpan>> {
  const damages = new DamageList(source);
  const reading = new BinaryReading(version, damages, undefined);
  await drain(readBatches(source, reading));
  const [damage] = damages.list;
  if (reading.spans.size === 0 && damage !== undefined) {
    throw createDamageError(path, damage, 'expected a binary record of damo');
  }
  return reading.spans;
}

async function* readBatches(
  source: ByteSource,
  reading: BinaryReading,
): AsyncGenerator<readonly RecordedSnapshot[]> {
  const cursor = new BinaryCursor(source);
  try {
    await cursor.skip(reading.version === 0 ? 0 : HEADER_BYTES);
    for (;;) {
      // What is left over is no snapshot; the old readers ignored it as well.
      if (!(await cursor.has(16))) break;
      const batch = await reading.readSnapshot(cursor);
      if (batch === undefined) break;
      if (batch.length > 0) yield batch;
    }
    yield reading.takeFinished();
  } finally {
    await cursor.close();
  }
}

interface BinaryStream {
  readonly recorded: RecordedStream;
  previousEndNs: bigint | undefined;
}

class BinaryReading {
  readonly version: BinaryVersion;
  readonly #damages: DamageList;
  readonly #spansBefore: ReadonlyMap<string, StreamSpan> | undefined;
  readonly spans = new Map<string, StreamSpan>();
  readonly #streams = new Map<string, BinaryStream>();
  readonly #scratch = new RegionScratch();
  #finished: RecordedSnapshot[] = [];
  #finishedRegions = 0;
  /** Of all targets of the snapshot that is read. */
  #regionsAtOnce = 0;

  constructor(
    version: BinaryVersion,
    damages: DamageList,
    spansBefore: ReadonlyMap<string, StreamSpan> | undefined,
  ) {
    this.version = version;
    this.#damages = damages;
    this.#spansBefore = spansBefore;
  }

  takeFinished(): readonly RecordedSnapshot[] {
    const taken = this.#finished;
    this.#finished = [];
    this.#finishedRegions = 0;
    return taken;
  }

  /**
   * Reads what was recorded at one time, of all targets.
   *
   * @returns a batch when there is enough for one, else an empty one; undefined where reading ends.
   */
  async readSnapshot(cursor: BinaryCursor): Promise<readonly RecordedSnapshot[] | undefined> {
    const { offset } = cursor;
    try {
      const problem = await this.#readTasks(cursor);
      if (problem !== undefined) {
        this.#damages.add(offset, `left out a snapshot and what follows: ${problem}`);
        return undefined;
      }
    } catch (error) {
      if (!(error instanceof SourceDamage)) throw error;
      this.#damages.addInFile(error.byteOffset, `${error.message}; left out what follows`);
      return undefined;
    }
    return this.#finishedRegions < BATCH_REGIONS ? [] : this.takeFinished();
  }

  async #readTasks(cursor: BinaryCursor): Promise<string | undefined> {
    if (!(await cursor.has(20))) return 'the file ends in the middle';
    const seconds = cursor.takeInt64();
    const nanoseconds = cursor.takeInt64();
    const nrTasks = cursor.takeUint32();
    if (seconds < 0n || seconds > MAX_SECONDS || nanoseconds < 0n || nanoseconds >= NS_PER_SECOND) {
      return `found ${seconds.toString()} s and ${nanoseconds.toString()} ns, expected a time`;
    }
    if (nrTasks > MAX_TASKS) return `it announces ${nrTasks} targets`;
    const endNs = seconds * NS_PER_SECOND + nanoseconds;
    const found: RecordedSnapshot[] = [];
    this.#regionsAtOnce = 0;
    for (let task = 0; task < nrTasks; task += 1) {
      const problem = await this.#readTask(cursor, endNs, found);
      if (problem !== undefined) return problem;
    }
    for (const snapshot of found) this.#deliver(snapshot);
    return undefined;
  }

  async #readTask(
    cursor: BinaryCursor,
    endNs: bigint,
    found: RecordedSnapshot[],
  ): Promise<string | undefined> {
    if (!(await cursor.has(this.version === 1 ? 8 : 12))) return 'the file ends in the middle';
    const target = this.version === 1 ? BigInt(cursor.takeUint32() | 0) : cursor.takeUint64();
    const nrRegions = cursor.takeUint32();
    this.#regionsAtOnce += nrRegions;
    if (this.#regionsAtOnce > MAX_SNAPSHOT_REGIONS) return `it announces ${nrRegions} regions`;
    const problem = await this.#readRegions(cursor, nrRegions);
    if (problem !== undefined) return problem;
    const key = target.toString();
    const stream = this.#streams.get(key) ?? this.#addStream(key);
    if (stream === undefined) return `more than ${MAX_STREAMS} targets`;
    const { previousEndNs } = stream;
    if (previousEndNs !== undefined && endNs < previousEndNs) {
      return 'it is earlier than the one before it';
    }
    stream.previousEndNs = endNs;
    extendSpan(this.spans, key, endNs);
    if (this.#spansBefore === undefined) return undefined;
    const startNs = previousEndNs ?? computeFirstStartNs(this.#spansBefore.get(key), endNs);
    found.push({
      stream: stream.recorded,
      startNs,
      endNs,
      regions: this.#scratch.copy(false),
      sampleIntervalUs: undefined,
      totalBytes: undefined,
      schemeStats: undefined,
    });
    return undefined;
  }

  async #readRegions(cursor: BinaryCursor, nrRegions: number): Promise<string | undefined> {
    const scratch = this.#scratch;
    scratch.clear();
    for (let done = 0; done < nrRegions;) {
      const slice = Math.min(SLICE_REGIONS, nrRegions - done);
      if (!(await cursor.has(slice * REGION_BYTES))) return 'the file ends in the middle';
      for (const last = done + slice; done < last; done += 1) {
        const startLow = cursor.takeUint32();
        const startHigh = cursor.takeUint32();
        const endLow = cursor.takeUint32();
        const endHigh = cursor.takeUint32();
        if (endHigh < startHigh || (endHigh === startHigh && endLow <= startLow)) {
          return `region ${done} is empty`;
        }
        scratch.reserve();
        scratch.setHalves(startLow, startHigh, endLow, endHigh);
        scratch.nrAccesses[done] = cursor.takeUint32();
        scratch.count += 1;
      }
    }
    return undefined;
  }

  #addStream(targetId: string): BinaryStream | undefined {
    if (this.#streams.size >= MAX_STREAMS) return undefined;
    const recorded = {
      kdamond: undefined,
      contextIndex: undefined,
      schemeIndex: undefined,
      targetId,
      targetName: undefined,
      intervals: undefined,
      schemeFilters: [],
      dataSource: undefined,
    };
    const stream = { recorded, previousEndNs: undefined };
    this.#streams.set(targetId, stream);
    return stream;
  }

  #deliver(snapshot: RecordedSnapshot): void {
    this.#finished.push(snapshot);
    this.#finishedRegions += snapshot.regions.count;
  }
}
