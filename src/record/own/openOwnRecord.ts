import { RecordError, describeError } from '../../base/errors.ts';
import type {
  ClockBase,
  LendOptions,
  ReadRange,
  RecordDamage,
  RecordReader,
  RecordedSnapshot,
} from '../recording.ts';
import { decodeBlock, lendBlock } from './blockDecoder.ts';
import { createByteSource } from './byteSource.ts';
import type { ByteSource } from './byteSource.ts';
import { UNKNOWN_CLOCK_ID, parseFileHead } from './frame.ts';
import type { FileHead } from './frame.ts';
import { FILE_HEADER_BYTES, FILE_MAGIC, VERSION } from './layout.ts';
import { isInRange, locateBlocks, readIndex } from './locateBlocks.ts';
import type { BlockPlace } from './locateBlocks.ts';
import { readBlock } from './readBlock.ts';
import type { BrokenBlock, RawBlock } from './readBlock.ts';
import type { IndexEntry } from './recordIndex.ts';
import { createRecordError } from '../recordFault.ts';
import { nodeRecordFs } from './recordFs.ts';
import type { RecordFile, RecordFs } from './recordFs.ts';
import { createStreamInterner } from './streamDefinition.ts';
import type { StreamInterner } from './streamDefinition.ts';

export const OWN_FORMAT = 'damon-exporter';

export interface OpenOwnOptions {
  readonly fs?: RecordFs;
  /** Shared by files that are read as one record. */
  readonly interner?: StreamInterner;
  /** Somebody is writing to the file: that its last block is not whole is no damage. */
  readonly isBeingWritten?: boolean;
}

/** A file of our format, and which clock its times are of. */
export interface OwnRecordReader extends RecordReader {
  readonly path: string;
  /** See `FileHead`. */
  readonly clockId: string;
  readonly lendSnapshots: NonNullable<RecordReader['lendSnapshots']>;
}

interface LocatedBlock {
  readonly place: BlockPlace;
  readonly block: RawBlock | BrokenBlock;
}

/** Undefined: the blocks are to be searched for. */
type Index = readonly IndexEntry[] | undefined;

interface SoundBlock extends RawBlock {
  readonly offset: number;
}

async function readPlace(source: ByteSource, place: BlockPlace): Promise<LocatedBlock> {
  return { place, block: await readBlock(source, place) };
}

/** With one, whoever decodes it still waits for the next now and then. */
const NR_AHEAD = 2;

/** Blocks are read and expanded, on other threads, while the one before them is decoded and used. */
async function* readAhead(
  source: ByteSource,
  places: AsyncGenerator<BlockPlace>,
): AsyncGenerator<LocatedBlock> {
  const readNext = async (): Promise<LocatedBlock | undefined> => {
    const next = await places.next();
    if (next.done === true) return undefined;
    return readPlace(source, next.value);
  };
  const pending: Promise<LocatedBlock | undefined>[] = [];
  for (;;) {
    while (pending.length <= NR_AHEAD) {
      const reading = readNext();
      // Whoever stops early leaves promises nobody waits for; their errors are told by the next reading.
      reading.catch(() => undefined);
      pending.push(reading);
    }
    const current = await pending.shift();
    if (current === undefined) return;
    yield current;
  }
}

class OwnRecordFile implements OwnRecordReader {
  readonly format = OWN_FORMAT;
  readonly path: string;
  readonly clockBase: ClockBase | undefined;
  readonly clockId: string;
  readonly #file: RecordFile;
  readonly #interner: StreamInterner;
  readonly #isBeingWritten: boolean;
  /** Of the file as it was when somebody read it last. */
  #latestIndex: { readonly sizeBytes: number; readonly index: Index } | undefined;
  /** By offset: a second reading finds the same damage again. */
  readonly #damages = new Map<number, RecordDamage>();

  constructor(path: string, file: RecordFile, head: FileHead | undefined, options: OpenOwnOptions) {
    this.path = path;
    this.#file = file;
    this.clockBase = head?.clockBase;
    this.clockId = head?.clockId ?? UNKNOWN_CLOCK_ID;
    this.#interner = options.interner ?? createStreamInterner();
    this.#isBeingWritten = options.isBeingWritten ?? false;
    if (head === undefined) {
      this.#report(0, 'the head of the file is damaged; when it was recorded is not known');
    }
  }

  get damages(): readonly RecordDamage[] {
    return [...this.#damages.values()].sort((left, right) => left.byteOffset - right.byteOffset);
  }

  async *readSnapshots(range?: ReadRange): AsyncGenerator<readonly RecordedSnapshot[]> {
    for await (const located of this.#readBlocks(range)) {
      const snapshots = this.#decode(located);
      const wanted =
        range === undefined ? snapshots : snapshots.filter((one) => isInRange(one, range));
      if (wanted.length > 0) yield wanted;
    }
  }

  async *lendSnapshots(
    range: ReadRange | undefined,
    options: LendOptions,
  ): AsyncGenerator<Iterable<RecordedSnapshot>> {
    for await (const located of this.#readBlocks(range)) yield this.#lend(located, range, options);
  }

  /** By the index. */
  async *lendEnds(options: LendOptions): AsyncGenerator<Iterable<RecordedSnapshot>> {
    try {
      const source = await this.#openSource();
      const index = (await this.#readIndex(source)) ?? [];
      const places = index.length > 1 ? [index.at(0), index.at(-1)] : index;
      const blocks = await Promise.all(
        places.flatMap((place) => (place === undefined ? [] : [readPlace(source, place)])),
      );
      for (const { place, block } of blocks) {
        // What is damaged is reported by whoever reads all.
        if ('problem' in block) continue;
        yield this.#lend({ ...block, offset: place.offset }, undefined, options);
      }
    } catch (error) {
      throw createRecordError('read', this.path, error);
    }
  }

  async *#readBlocks(range: ReadRange | undefined): AsyncGenerator<SoundBlock> {
    try {
      const source = await this.#openSource();
      const index = await this.#readIndex(source);
      const places = locateBlocks(source, index, range, this.#report.bind(this));
      for await (const { place, block } of readAhead(source, places)) {
        if (!('problem' in block)) yield { ...block, offset: place.offset };
        else this.#reportBlock(place.offset, `${block.problem}; its snapshots are left out`);
      }
    } catch (error) {
      throw createRecordError('read', this.path, error);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #readIndex(source: ByteSource): Promise<Index> {
    const { sizeBytes } = source;
    if (this.#latestIndex?.sizeBytes !== sizeBytes) {
      const index = await readIndex(source, this.#report.bind(this));
      this.#latestIndex = { sizeBytes, index };
    }
    return this.#latestIndex.index;
  }

  async #openSource(): Promise<ByteSource> {
    return createByteSource(this.#file, (await this.#file.stat()).sizeBytes);
  }

  #decode({ head, raw, offset }: SoundBlock): RecordedSnapshot[] {
    try {
      return decodeBlock(raw, head, this.#interner);
    } catch (error) {
      const problem = `it makes no sense (${describeError(error)})`;
      this.#reportBlock(offset, `${problem}; its snapshots are left out`);
      return [];
    }
  }

  *#lend(
    { head, raw, offset }: SoundBlock,
    range: ReadRange | undefined,
    options: LendOptions,
  ): Generator<RecordedSnapshot> {
    try {
      for (const snapshot of lendBlock(raw, head, { interner: this.#interner, ...options })) {
        if (range === undefined || isInRange(snapshot, range)) yield snapshot;
      }
    } catch (error) {
      const problem = `from some place on it makes no sense (${describeError(error)})`;
      this.#reportBlock(offset, `${problem}; its other snapshots are left out`);
    }
  }

  #reportBlock(byteOffset: number, problem: string): void {
    this.#report(byteOffset, `a block is damaged: ${problem}`);
  }

  #report(byteOffset: number, message: string, isAtEnd = false): void {
    if (isAtEnd && this.#isBeingWritten) return;
    if (!this.#damages.has(byteOffset)) this.#damages.set(byteOffset, { byteOffset, message });
  }
}

async function readHead(path: string, file: RecordFile): Promise<FileHead | undefined> {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES);
  const length = await file.read(bytes, 0);
  const head = parseFileHead(bytes.subarray(0, length));
  if (head !== undefined && head.versionMajor !== VERSION.major) {
    throw new RecordError({
      operation: 'read',
      path,
      hint: `found version ${head.versionMajor} of the record format, expected ${VERSION.major}; a newer damon-exporter can read it`,
    });
  }
  const magic = Buffer.from(FILE_MAGIC);
  const isCutOff =
    length < FILE_HEADER_BYTES &&
    magic.indexOf(bytes.subarray(0, Math.min(length, magic.length))) === 0;
  if (head === undefined && !isCutOff && !(await hasBlock(file))) {
    throw new RecordError({ operation: 'read', path, hint: 'found no record of damon-exporter' });
  }
  return head;
}

/** Whether any block can be found: the head of a file may be damaged like everything else. */
async function hasBlock(file: RecordFile): Promise<boolean> {
  const source = createByteSource(file, (await file.stat()).sizeBytes);
  const everything = { startNs: undefined, endNs: undefined };
  const index = await readIndex(source, () => undefined);
  const { done } = await locateBlocks(source, index, everything, () => undefined).next();
  return done !== true;
}

/**
 * Opens one file of our format, whether it was closed, was cut off or is being written.
 *
 * @throws RecordError when it cannot be opened or is something else.
 */
export async function openOwnRecord(
  path: string,
  options: OpenOwnOptions = {},
): Promise<OwnRecordReader> {
  let file: RecordFile | undefined;
  try {
    file = await (options.fs ?? nodeRecordFs).open(path);
    const { isFile } = await file.stat();
    if (!isFile) throw new RecordError({ operation: 'open', path, hint: 'it is no regular file' });
    return new OwnRecordFile(path, file, await readHead(path, file), options);
  } catch (error) {
    await file?.close();
    throw createRecordError('open', path, error);
  }
}
