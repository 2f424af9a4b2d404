import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import { describeError } from '../../base/errors.ts';
import type { ByteSource } from './byteSource.ts';
import { computeCrc32c } from './crc32c.ts';
import { parseBlockHead } from './frame.ts';
import type { BlockHead } from './frame.ts';
import { BLOCK_HEADER_BYTES, COMPRESSION } from './layout.ts';

/** The bytes of a block as its encoder made them. */
export interface RawBlock {
  readonly head: BlockHead;
  readonly raw: Buffer;
}

/** Why a block cannot be used, as the end of a sentence. */
export interface BrokenBlock {
  readonly problem: string;
}

const inflate = promisify(inflateRaw);

/** What zlib takes at least. */
const MIN_CHUNK_BYTES = 64;

/** Reads, checks and expands a block; off the event loop where that takes time. */
export async function readBlock(
  source: ByteSource,
  { offset, storedBytes }: { readonly offset: number; readonly storedBytes: number },
): Promise<RawBlock | BrokenBlock> {
  const bytes = await source.read(offset, BLOCK_HEADER_BYTES + storedBytes);
  const head = parseBlockHead(bytes, 0);
  if (head?.storedBytes !== storedBytes) {
    return { problem: 'its head is damaged' };
  }
  const payload = bytes.subarray(BLOCK_HEADER_BYTES);
  if (payload.length !== storedBytes) return { problem: 'the file ends within it' };
  if (computeCrc32c(payload) !== head.payloadCrc) return { problem: 'its checksum does not match' };
  const raw = await expand(head, payload);
  return 'problem' in raw ? raw : { head, raw };
}

async function expand(
  { compression, rawBytes }: BlockHead,
  payload: Buffer,
): Promise<Buffer | BrokenBlock> {
  let raw = payload;
  if (compression === COMPRESSION.deflate) {
    try {
      // One chunk, or each would go to another thread and back. The limit makes a bomb an error.
      raw = await inflate(payload, {
        chunkSize: Math.max(MIN_CHUNK_BYTES, rawBytes),
        maxOutputLength: Math.max(1, rawBytes),
      });
    } catch (error) {
      return { problem: `it cannot be expanded (${describeError(error)})` };
    }
  } else if (compression !== COMPRESSION.none) {
    return { problem: `it is compressed in a way (${compression}) this version does not know` };
  }
  return raw.length === rawBytes ? raw : { problem: 'it is shorter than announced' };
}
