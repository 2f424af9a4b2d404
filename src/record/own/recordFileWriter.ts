import { promisify } from 'node:util';
import { deflateRaw } from 'node:zlib';
import type { ClockBase, RecordWriter } from '../recording.ts';
import type { RecordedSnapshot } from '../recording.ts';
import { BlockEncoder } from './blockEncoder.ts';
import type { EncodedBlock } from './blockEncoder.ts';
import { computeCrc32c } from './crc32c.ts';
import { UNKNOWN_CLOCK_ID, formatFileHead, formatTrailer, writeBlockHead } from './frame.ts';
import { BLOCK_HEADER_BYTES, BLOCK_KIND, COMPRESSION, FILE_HEADER_BYTES } from './layout.ts';
import { createRecordError } from '../recordFault.ts';
import { nodeRecordFs } from './recordFs.ts';
import type { RecordFile, RecordFs } from './recordFs.ts';
import { encodeIndex } from './recordIndex.ts';
import type { IndexEntry } from './recordIndex.ts';
import { createStreamDefiner } from './streamDefinition.ts';
import type { StreamDefiner } from './streamDefinition.ts';

export interface RecordFileOptions {
  readonly clockBase?: ClockBase | undefined;
  /** 32 hexadecimal digits (a boot id without dashes): files with the same id share their clock. */
  readonly clockId?: string | undefined;
  /** A block is written at the latest this long after its first snapshot came. Default 1 s. */
  readonly flushIntervalMs?: number;
  /** Permissions once the file is there; default 0600. */
  readonly mode?: number | undefined;
  readonly fs?: RecordFs;
  /** Shared by files that are read as one record. */
  readonly definer?: StreamDefiner;
  /** Called after each block that is in the file. */
  readonly onBlock?: () => void;
}

/** A record being written. After an error every later call fails with the same one. */
export interface OwnRecordWriter extends RecordWriter {
  readonly path: string;
  /** Bytes in the file now. */
  readonly sizeBytes: number;
  /** Snapshots that are in the file; the rest of those taken is in the block not yet written. */
  readonly nrWritten: number;
  /** Undefined while all is well; else what every later call throws. */
  readonly failure: Error | undefined;
  /** Writes what has come so far as a block. */
  flush(): Promise<void>;
}

/**
 * A block is written when it reaches one of these. A quarter of a megabyte is enough for the
 * compressor and keeps the columns a reader makes of it within a processor's cache.
 */
const BLOCK_LIMITS = { rawBytes: 1 << 18, regions: 1 << 16, snapshots: 1 << 14 } as const;
const DEFAULT_FLUSH_INTERVAL_MS = 1000;
/** Measured: level 4 gives 2 % less than 6 at half of the time, on realistic snapshots. */
const COMPRESSION_LEVEL = 4;
/** More than most blocks give: each chunk goes to another thread and back. */
const COMPRESSION_CHUNK_BYTES: number = 1 << 17;

const compress = promisify(deflateRaw);

/** A block as it stands in the file, in one piece so that one write brings all of it. */
async function sealBlock(
  kind: number,
  { raw, startNs, endNs, nrSnapshots, nrRegions }: EncodedBlock,
): Promise<Buffer> {
  const compressed = await compress(raw, {
    level: COMPRESSION_LEVEL,
    chunkSize: COMPRESSION_CHUNK_BYTES,
  });
  const isSmaller = compressed.length < raw.length;
  const payload = isSmaller ? compressed : raw;
  const bytes = Buffer.allocUnsafe(BLOCK_HEADER_BYTES + payload.length);
  bytes.set(payload, BLOCK_HEADER_BYTES);
  writeBlockHead(bytes, {
    kind,
    compression: isSmaller ? COMPRESSION.deflate : COMPRESSION.none,
    storedBytes: payload.length,
    rawBytes: raw.length,
    startNs,
    endNs,
    nrSnapshots,
    nrRegions,
    payloadCrc: computeCrc32c(payload),
  });
  return bytes;
}

class RecordFileWriter implements OwnRecordWriter {
  readonly path: string;
  readonly #file: RecordFile;
  readonly #encoder: BlockEncoder;
  readonly #flushIntervalMs: number;
  readonly #index: IndexEntry[] = [];
  #sizeBytes = FILE_HEADER_BYTES;
  #nrWritten = 0;
  #timer: NodeJS.Timeout | undefined;
  /** Blocks are written one after the other; never rejects. */
  #lastFlush: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  readonly #onBlock: (() => void) | undefined;

  constructor(path: string, file: RecordFile, options: RecordFileOptions) {
    this.path = path;
    this.#file = file;
    this.#flushIntervalMs = options.flushIntervalMs ?? DEFAULT_FLUSH_INTERVAL_MS;
    this.#onBlock = options.onBlock;
    this.#encoder = new BlockEncoder(options.definer ?? createStreamDefiner());
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get nrWritten(): number {
    return this.#nrWritten;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  async write(snapshot: RecordedSnapshot): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const encoder = this.#encoder;
    try {
      encoder.add(snapshot);
    } catch (error) {
      throw createRecordError('write', this.path, error);
    }
    const isFull =
      encoder.rawBytes >= BLOCK_LIMITS.rawBytes ||
      encoder.nrRegions >= BLOCK_LIMITS.regions ||
      encoder.nrSnapshots >= BLOCK_LIMITS.snapshots;
    if (isFull) await this.flush();
    else this.#timer ??= setTimeout(() => void this.#startFlush(), this.#flushIntervalMs).unref();
  }

  async flush(): Promise<void> {
    await this.#startFlush();
    if (this.#failure !== undefined) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.#startFlush();
    try {
      if (this.#failure === undefined) await this.#writeEnd();
    } catch (error) {
      this.#failure = createRecordError('write', this.path, error);
    }
    try {
      await this.#file.close();
    } catch (error) {
      this.#failure ??= createRecordError('close', this.path, error);
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  #startFlush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#encoder.nrSnapshots > 0) {
      const block = this.#encoder.finish();
      this.#lastFlush = this.#lastFlush.then(() => this.#writeBlock(block));
    }
    return this.#lastFlush;
  }

  async #writeBlock(block: EncodedBlock): Promise<void> {
    if (this.#failure !== undefined) return;
    try {
      const bytes = await sealBlock(BLOCK_KIND.snapshots, block);
      await this.#append(bytes);
      const { startNs, endNs, nrSnapshots, nrRegions } = block;
      const storedBytes = bytes.length - BLOCK_HEADER_BYTES;
      const offset = this.#sizeBytes - bytes.length;
      this.#index.push({ offset, storedBytes, startNs, endNs, nrSnapshots, nrRegions });
      this.#nrWritten += nrSnapshots;
      this.#onBlock?.();
    } catch (error) {
      this.#failure = createRecordError('write', this.path, error);
    }
  }

  /** What could be written only in part is taken back: the file ends with a whole block. */
  async #append(bytes: Buffer): Promise<void> {
    try {
      await this.#file.write(bytes, this.#sizeBytes);
    } catch (error) {
      await this.#file.truncate(this.#sizeBytes);
      throw error;
    }
    this.#sizeBytes += bytes.length;
  }

  async #writeEnd(): Promise<void> {
    const offset = this.#sizeBytes;
    const startTimes = this.#index.map(({ startNs }) => startNs);
    const endTimes = this.#index.map(({ endNs }) => endNs);
    const index = await sealBlock(BLOCK_KIND.index, {
      raw: encodeIndex(this.#index),
      startNs: startTimes.reduce((low, time) => (time < low ? time : low), startTimes[0] ?? 0n),
      endNs: endTimes.reduce((high, time) => (time > high ? time : high), endTimes[0] ?? 0n),
      nrSnapshots: 0,
      nrRegions: 0,
    });
    await this.#append(Buffer.concat([index, formatTrailer(offset)]));
    await this.#file.sync();
  }
}

/**
 * Begins a new record file, readable by its owner only.
 *
 * @throws RecordError when that is impossible, and when the name is taken.
 */
export async function createRecordFileWriter(
  path: string,
  options: RecordFileOptions = {},
): Promise<OwnRecordWriter> {
  const { fs = nodeRecordFs, mode, clockBase, clockId = UNKNOWN_CLOCK_ID } = options;
  let file: RecordFile | undefined;
  try {
    file = await fs.create(path);
    await file.write(formatFileHead({ clockBase, clockId }), 0);
    if (mode !== undefined) await file.chmod(mode);
    return new RecordFileWriter(path, file, options);
  } catch (error) {
    await file?.close();
    // What could not even get its head would be found by nobody's reader.
    if (file !== undefined) await fs.remove(path);
    throw createRecordError('create', path, error);
  }
}
