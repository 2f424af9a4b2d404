import {
  createByteColumn,
  pushSignedBigint,
  pushVarint,
  reserveBytes,
  takeSignedBigint,
  takeVarint,
  MAX_VARINT_BYTES,
} from './byteColumn.ts';
import type { BlockHead } from './frame.ts';
import { BLOCK_HEADER_BYTES, LIMITS } from './layout.ts';

/** Where a block of snapshots is and what it holds: enough to decide whether to read it. */
export interface IndexEntry extends Pick<
  BlockHead,
  'storedBytes' | 'startNs' | 'endNs' | 'nrSnapshots' | 'nrRegions'
> {
  readonly offset: number;
}

/** The raw payload of an index block. */
export function encodeIndex(entries: readonly IndexEntry[]): Buffer {
  const column = createByteColumn();
  reserveBytes(column, MAX_VARINT_BYTES);
  pushVarint(column, entries.length);
  let endOffset = 0;
  let previousStartNs = 0n;
  for (const entry of entries) {
    reserveBytes(column, 4 * MAX_VARINT_BYTES);
    pushVarint(column, entry.offset - endOffset);
    pushVarint(column, entry.storedBytes);
    pushVarint(column, entry.nrSnapshots);
    pushVarint(column, entry.nrRegions);
    pushSignedBigint(column, BigInt.asIntN(64, entry.startNs - previousStartNs));
    pushSignedBigint(column, BigInt.asIntN(64, entry.endNs - entry.startNs));
    endOffset = entry.offset + BLOCK_HEADER_BYTES + entry.storedBytes;
    previousStartNs = entry.startNs;
  }
  return Buffer.from(column.bytes.subarray(0, column.length));
}

/** Undefined when it is no index of blocks that lie one after the other before `limit`. */
export function parseIndex(raw: Buffer, limit: number): IndexEntry[] | undefined {
  const cursor = { bytes: raw, at: 0, end: raw.length };
  const count = takeVarint(cursor);
  if (!(count * 6 <= raw.length)) return undefined;
  const entries: IndexEntry[] = [];
  let endOffset = 0;
  let startNs = 0n;
  for (let index = 0; index < count; index += 1) {
    const offset = endOffset + takeVarint(cursor);
    const storedBytes = takeVarint(cursor);
    const nrSnapshots = takeVarint(cursor);
    const nrRegions = takeVarint(cursor);
    startNs = BigInt.asIntN(64, startNs + takeSignedBigint(cursor));
    const endNs = BigInt.asIntN(64, startNs + takeSignedBigint(cursor));
    endOffset = offset + BLOCK_HEADER_BYTES + storedBytes;
    if (!(storedBytes <= LIMITS.storedBytes && endOffset <= limit)) return undefined;
    entries.push({ offset, storedBytes, nrSnapshots, nrRegions, startNs, endNs });
  }
  return cursor.at === cursor.end ? entries : undefined;
}
