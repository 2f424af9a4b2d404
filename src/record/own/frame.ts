import { computeCrc32c } from './crc32c.ts';
import type { ClockBase } from '../recording.ts';
import {
  BLOCK_HEADER,
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  END_MAGIC,
  FILE_FLAG,
  FILE_HEADER,
  FILE_HEADER_BYTES,
  FILE_MAGIC,
  LIMITS,
  TRAILER,
  TRAILER_BYTES,
  VERSION,
} from './layout.ts';

/** What the head of a file tells. */
export interface FileHead {
  readonly versionMajor: number;
  readonly clockBase: ClockBase | undefined;
  /** 32 hexadecimal digits: records with the same id have the same clock. All 0 = not known. */
  readonly clockId: string;
}

/** What the head of a block tells. */
export interface BlockHead {
  readonly kind: number;
  readonly compression: number;
  readonly storedBytes: number;
  readonly rawBytes: number;
  /** Of the snapshots in it: the lowest start, the highest end. */
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly nrSnapshots: number;
  readonly nrRegions: number;
  readonly payloadCrc: number;
}

export const UNKNOWN_CLOCK_ID: string = '0'.repeat(2 * FILE_HEADER.clockId.size);

export function formatFileHead({ clockBase, clockId }: Omit<FileHead, 'versionMajor'>): Buffer {
  const bytes = Buffer.alloc(FILE_HEADER_BYTES);
  bytes.set(FILE_MAGIC, FILE_HEADER.magic.offset);
  bytes.writeUInt16LE(VERSION.major, FILE_HEADER.versionMajor.offset);
  bytes.writeUInt16LE(VERSION.minor, FILE_HEADER.versionMinor.offset);
  bytes.writeUInt32LE(clockBase ? FILE_FLAG.hasClockBase : 0, FILE_HEADER.flags.offset);
  bytes.writeBigInt64LE(clockBase?.recordNs ?? 0n, FILE_HEADER.clockRecordNs.offset);
  bytes.writeDoubleLE(clockBase?.wallMs ?? 0, FILE_HEADER.clockWallMs.offset);
  bytes.write(clockId, FILE_HEADER.clockId.offset, FILE_HEADER.clockId.size, 'hex');
  const { offset } = FILE_HEADER.headerCrc;
  bytes.writeUInt32LE(computeCrc32c(bytes, 0, offset), offset);
  return bytes;
}

/** Whether these first bytes of a file are those of a record of ours, of whatever version. */
export function isOwnRecord(firstBytes: Uint8Array): boolean {
  return FILE_MAGIC.every((byte, index) => firstBytes[index] === byte);
}

/** What a Date can hold. */
const MAX_WALL_MS = 8.64e15;

/** Undefined when the bytes are too few or not what was once written. */
export function parseFileHead(bytes: Buffer): FileHead | undefined {
  if (bytes.length < FILE_HEADER_BYTES || !isOwnRecord(bytes)) return undefined;
  const { offset } = FILE_HEADER.headerCrc;
  if (bytes.readUInt32LE(offset) !== computeCrc32c(bytes, 0, offset)) return undefined;
  const flags = bytes.readUInt32LE(FILE_HEADER.flags.offset);
  const wallMs = bytes.readDoubleLE(FILE_HEADER.clockWallMs.offset);
  const hasClockBase = (flags & FILE_FLAG.hasClockBase) !== 0 && Math.abs(wallMs) <= MAX_WALL_MS;
  const { clockId } = FILE_HEADER;
  return {
    versionMajor: bytes.readUInt16LE(FILE_HEADER.versionMajor.offset),
    clockBase: hasClockBase
      ? {
          recordNs: bytes.readBigInt64LE(FILE_HEADER.clockRecordNs.offset),
          wallMs,
        }
      : undefined,
    clockId: bytes.toString('hex', clockId.offset, clockId.offset + clockId.size),
  };
}

/** Writes the head into the first bytes of a block. */
export function writeBlockHead(bytes: Buffer, head: BlockHead): void {
  bytes.fill(0, 0, BLOCK_HEADER_BYTES);
  bytes.set(BLOCK_MAGIC, BLOCK_HEADER.magic.offset);
  bytes.writeUInt8(head.kind, BLOCK_HEADER.kind.offset);
  bytes.writeUInt8(head.compression, BLOCK_HEADER.compression.offset);
  bytes.writeUInt32LE(head.storedBytes, BLOCK_HEADER.storedBytes.offset);
  bytes.writeUInt32LE(head.rawBytes, BLOCK_HEADER.rawBytes.offset);
  bytes.writeBigInt64LE(head.startNs, BLOCK_HEADER.startNs.offset);
  bytes.writeBigInt64LE(head.endNs, BLOCK_HEADER.endNs.offset);
  bytes.writeUInt32LE(head.nrSnapshots, BLOCK_HEADER.nrSnapshots.offset);
  bytes.writeUInt32LE(head.nrRegions, BLOCK_HEADER.nrRegions.offset);
  bytes.writeUInt32LE(head.payloadCrc, BLOCK_HEADER.payloadCrc.offset);
  const { offset } = BLOCK_HEADER.headerCrc;
  bytes.writeUInt32LE(computeCrc32c(bytes, 0, offset), offset);
}

/** Undefined when there is no whole, sound head of a block at `at`, or it asks for too much. */
export function parseBlockHead(bytes: Buffer, at: number): BlockHead | undefined {
  if (bytes.length < at + BLOCK_HEADER_BYTES) return undefined;
  if (!BLOCK_MAGIC.every((byte, index) => bytes[at + index] === byte)) return undefined;
  const crcAt = at + BLOCK_HEADER.headerCrc.offset;
  if (bytes.readUInt32LE(crcAt) !== computeCrc32c(bytes, at, crcAt)) return undefined;
  const head: BlockHead = {
    kind: bytes.readUInt8(at + BLOCK_HEADER.kind.offset),
    compression: bytes.readUInt8(at + BLOCK_HEADER.compression.offset),
    storedBytes: bytes.readUInt32LE(at + BLOCK_HEADER.storedBytes.offset),
    rawBytes: bytes.readUInt32LE(at + BLOCK_HEADER.rawBytes.offset),
    startNs: bytes.readBigInt64LE(at + BLOCK_HEADER.startNs.offset),
    endNs: bytes.readBigInt64LE(at + BLOCK_HEADER.endNs.offset),
    nrSnapshots: bytes.readUInt32LE(at + BLOCK_HEADER.nrSnapshots.offset),
    nrRegions: bytes.readUInt32LE(at + BLOCK_HEADER.nrRegions.offset),
    payloadCrc: bytes.readUInt32LE(at + BLOCK_HEADER.payloadCrc.offset),
  };
  const isBounded =
    head.storedBytes <= LIMITS.storedBytes &&
    head.rawBytes <= LIMITS.rawBytes &&
    head.nrSnapshots <= LIMITS.snapshotsPerBlock &&
    head.nrRegions <= Math.min(LIMITS.regionsPerBlock, head.rawBytes);
  return isBounded ? head : undefined;
}

export function formatTrailer(indexOffset: number): Buffer {
  const bytes = Buffer.alloc(TRAILER_BYTES);
  bytes.writeBigUInt64LE(BigInt(indexOffset), TRAILER.indexOffset.offset);
  const { offset } = TRAILER.trailerCrc;
  bytes.writeUInt32LE(computeCrc32c(bytes, 0, offset), offset);
  bytes.set(END_MAGIC, TRAILER.magic.offset);
  return bytes;
}

/** Where the index is; undefined when these are not the last bytes of a closed file. */
export function parseTrailer(bytes: Buffer): number | undefined {
  if (bytes.length !== TRAILER_BYTES) return undefined;
  if (!END_MAGIC.every((byte, index) => bytes[TRAILER.magic.offset + index] === byte)) {
    return undefined;
  }
  const { offset } = TRAILER.trailerCrc;
  if (bytes.readUInt32LE(offset) !== computeCrc32c(bytes, 0, offset)) return undefined;
  return Number(bytes.readBigUInt64LE(TRAILER.indexOffset.offset));
}
