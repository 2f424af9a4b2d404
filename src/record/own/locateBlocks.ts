import type { ReadRange } from '../recording.ts';
import type { ByteSource } from './byteSource.ts';
import { parseBlockHead, parseTrailer } from './frame.ts';
import type { BlockHead } from './frame.ts';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_KIND,
  BLOCK_MAGIC,
  FILE_HEADER_BYTES,
  TRAILER_BYTES,
} from './layout.ts';
import { readBlock } from './readBlock.ts';
import { parseIndex } from './recordIndex.ts';
import type { IndexEntry } from './recordIndex.ts';

/** `isAtEnd`: nothing whole follows, which is usual while somebody writes. */
export type ReportDamage = (byteOffset: number, message: string, isAtEnd?: boolean) => void;

/** Where a block with snapshots is. */
export interface BlockPlace {
  readonly offset: number;
  readonly storedBytes: number;
}

/** Whether something from `startNs` to `endNs` lies, at least in part, in the range. */
export function isInRange(
  { startNs, endNs }: { readonly startNs: bigint; readonly endNs: bigint },
  range: ReadRange | undefined,
): boolean {
  if (range?.endNs !== undefined && startNs >= range.endNs) return false;
  return range?.startNs === undefined || endNs > range.startNs || startNs >= range.startNs;
}

/**
 * The blocks of snapshots that lie in the range, in the order of the file: by the index where the
 * file was closed, else from head to head. What is neither is reported and passed over.
 */
export async function* locateBlocks(
  source: ByteSource,
  index: readonly IndexEntry[] | undefined,
  range: ReadRange | undefined,
  report: ReportDamage,
): AsyncGenerator<BlockPlace> {
  if (index === undefined) {
    yield* scanBlocks(source, range, report);
    return;
  }
  for (const entry of index) if (isInRange(entry, range)) yield entry;
}

/** Undefined for a file that was not closed, or whose index is damaged. */
export async function readIndex(
  source: ByteSource,
  report: ReportDamage,
): Promise<IndexEntry[] | undefined> {
  const endOffset = source.sizeBytes - TRAILER_BYTES;
  if (endOffset < FILE_HEADER_BYTES) return undefined;
  const offset = parseTrailer(await source.read(endOffset, TRAILER_BYTES));
  if (offset === undefined || offset > endOffset) return undefined;
  const block = await readBlock(source, {
    offset,
    storedBytes: endOffset - offset - BLOCK_HEADER_BYTES,
  });
  const isIndex = 'raw' in block && block.head.kind === BLOCK_KIND.index;
  const index = isIndex ? parseIndex(block.raw, offset) : undefined;
  if (index === undefined) {
    report(offset, 'the index is damaged; the blocks are searched for instead');
  }
  return index;
}

async function* scanBlocks(
  source: ByteSource,
  range: ReadRange | undefined,
  report: ReportDamage,
): AsyncGenerator<BlockPlace> {
  let offset = Math.min(FILE_HEADER_BYTES, source.sizeBytes);
  while (offset < source.sizeBytes) {
    const head = parseBlockHead(await source.read(offset, BLOCK_HEADER_BYTES), 0);
    if (head === undefined) {
      if (await isEnd(source, offset)) return;
      const next = await findBlock(source, offset + 1);
      const rest = (next ?? source.sizeBytes) - offset;
      report(
        offset,
        next === undefined
          ? `the last ${rest} bytes are no whole block, as when the recorder was killed; left out`
          : `found no head of a block here but ${rest} bytes further; what is between is left out`,
        next === undefined,
      );
      if (next === undefined) return;
      offset = next;
      continue;
    }
    const { storedBytes, kind } = head;
    const end = offset + BLOCK_HEADER_BYTES + storedBytes;
    if (end > source.sizeBytes) {
      report(offset, describeTornBlock(head, end - source.sizeBytes), true);
      return;
    }
    if (kind === BLOCK_KIND.snapshots && isInRange(head, range)) yield { offset, storedBytes };
    offset = end;
  }
}

function describeTornBlock({ nrSnapshots }: BlockHead, missingBytes: number): string {
  return `the file ends ${missingBytes} bytes before the end of this block, as when the recorder was killed; its ${nrSnapshots} snapshots are left out`;
}

async function isEnd(source: ByteSource, offset: number): Promise<boolean> {
  const rest = source.sizeBytes - offset;
  if (rest !== TRAILER_BYTES) return false;
  return parseTrailer(await source.read(offset, rest)) !== undefined;
}

const SEARCH_BYTES = 1 << 16;

/** The first offset from `from` on where a sound head of a block is. */
async function findBlock(source: ByteSource, from: number): Promise<number | undefined> {
  for (let offset = from; offset < source.sizeBytes; offset += SEARCH_BYTES) {
    // Longer by a head less one byte, so that no head is cut.
    const bytes = await source.read(offset, SEARCH_BYTES + BLOCK_HEADER_BYTES - 1);
    for (let at = bytes.indexOf(BLOCK_MAGIC); at >= 0; at = bytes.indexOf(BLOCK_MAGIC, at + 1)) {
      if (parseBlockHead(bytes, at) !== undefined) return offset + at;
    }
  }
  return undefined;
}
