import type { Stats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { RecordError, describeError } from '../base/errors.ts';
import { describeContent, quoteForShell } from './describeContent.ts';
import { looksLikeVersion0, readBinaryVersion } from './legacyBinary/binaryVersion.ts';
import { BLOCK_MAGIC, FILE_MAGIC } from './own/layout.ts';
import { createRecordError } from './recordFault.ts';
import type { RecordReader } from './recording.ts';
import { createFileSource } from './source/byteSource.ts';
import type { ByteSource } from './source/byteSource.ts';
import { createInflatedSource } from './source/inflatedSource.ts';
import { looksLikeTraceText } from './traceText/looksLikeTraceText.ts';

/** The beginning of what is to be read, after any gzip was taken off. */
export interface RecordHead {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** `bytes` is all there is. */
  readonly isWhole: boolean;
  readonly isGzipped: boolean;
  readonly source: ByteSource;
}

/** One way to read a record. The first that matches is taken. */
export interface RecordFormat {
  matches(head: RecordHead): boolean;
  /** @throws RecordError when it is of this format and cannot be read all the same. */
  open(head: RecordHead): Promise<RecordReader> | RecordReader;
}

const HEAD_BYTES = 64 * 1024;
const FIRST_VISIBLE = 0x21;

const startsWith = (bytes: Uint8Array, ...expected: readonly number[]): boolean =>
  expected.every((byte, index) => bytes[index] === byte);

const isZlib = ({ bytes }: RecordHead): boolean => {
  const [method = 0, flags = 0] = bytes;
  // Deflate, a window of up to 32 KiB, no preset dictionary, and the check of these two bytes.
  return (method & 0x8f) === 0x08 && (flags & 0x20) === 0 && (method * 256 + flags) % 31 === 0;
};

/** The first character that is no blank, with a byte order mark before it or not. */
function findFirstCharacter(bytes: Uint8Array): string {
  const from = startsWith(bytes, 0xef, 0xbb, 0xbf) ? 3 : 0;
  const first = bytes.subarray(from).find((byte) => byte >= FIRST_VISIBLE);
  return first === undefined ? '' : String.fromCharCode(first);
}

async function openOwn({ path, isGzipped }: RecordHead): Promise<RecordReader> {
  if (!isGzipped) return (await import('./own/openOwnRecord.ts')).openOwnRecord(path);
  throw new RecordError({
    operation: 'open',
    path,
    hint: `found a gzipped record of damon-exporter, which is compressed in itself and read by its index; uncompress it by: gzip -dc ${quoteForShell(path)} > ${quoteForShell(`${path}.plain`)}`,
  });
}

/** Readers are loaded when there is something for them: most records need one of them. */
async function openDamoJson(
  path: string,
  source: ByteSource,
  format: 'json' | 'json_compressed',
): Promise<RecordReader> {
  const { createDamoJsonReader } = await import('./damoJson/damoJsonReader.ts');
  return createDamoJsonReader(path, source, format);
}

async function openLegacyBinary(
  path: string,
  source: ByteSource,
  version: 0 | 1 | 2,
): Promise<RecordReader> {
  const { createLegacyBinaryReader } = await import('./legacyBinary/legacyBinaryReader.ts');
  return createLegacyBinaryReader(path, source, version);
}

async function openTraceText(path: string, source: ByteSource): Promise<RecordReader> {
  const { createTraceTextReader } = await import('./traceText/traceTextReader.ts');
  return createTraceTextReader(path, source);
}

const FORMATS: readonly RecordFormat[] = [
  { matches: ({ bytes }) => startsWith(bytes, ...FILE_MAGIC), open: openOwn },
  {
    matches: ({ bytes }) => readBinaryVersion(bytes) !== undefined,
    open: ({ path, bytes, source }) => {
      const version = readBinaryVersion(bytes);
      if (version === 1 || version === 2) return openLegacyBinary(path, source, version);
      throw new RecordError({
        operation: 'open',
        path,
        hint: `found version ${version ?? '?'} of the binary format, expected 1 or 2`,
      });
    },
  },
  {
    matches: isZlib,
    open: ({ path, source }) =>
      openDamoJson(path, createInflatedSource(source, 'zlib'), 'json_compressed'),
  },
  {
    matches: ({ bytes }) => ['[', '{'].includes(findFirstCharacter(bytes)),
    open: ({ path, source }) => openDamoJson(path, source, 'json'),
  },
  {
    matches: ({ bytes }) => looksLikeTraceText(bytes),
    open: ({ path, source }) => openTraceText(path, source),
  },
  {
    matches: ({ bytes, isWhole }) => looksLikeVersion0(bytes, isWhole),
    open: ({ path, source }) => openLegacyBinary(path, source, 0),
  },
  // Ours all the same where the head of the file is what is damaged.
  { matches: ({ bytes }) => Buffer.from(bytes).includes(Buffer.from(BLOCK_MAGIC)), open: openOwn },
];

async function readHead(source: ByteSource): Promise<Pick<RecordHead, 'bytes' | 'isWhole'>> {
  const head = Buffer.alloc(HEAD_BYTES);
  let length = 0;
  try {
    for await (const piece of source.open()) {
      head.set(piece.subarray(0, HEAD_BYTES - length), length);
      length = Math.min(HEAD_BYTES, length + piece.length);
      if (length === HEAD_BYTES) return { bytes: head, isWhole: false };
    }
  } catch (error) {
    // Damage is told by whoever reads on; here a beginning is enough.
    if (length === 0) throw error;
  }
  return { bytes: head.subarray(0, length), isWhole: true };
}

/** Why a file that is there cannot be a record; undefined where it may be one. */
function findHint(status: Stats): string | undefined {
  if (status.isDirectory()) return 'it is a directory, expected a record';
  if (!status.isFile()) return 'it is no regular file, expected a record; save it to one first';
  return status.size === 0 ? 'the file is empty, expected a record' : undefined;
}

/** @throws RecordError unless it is a regular file that can be read and is not empty. */
async function readFileHead(path: string): Promise<Pick<RecordHead, 'bytes' | 'isWhole'>> {
  try {
    const handle = await open(path, 'r');
    try {
      const status = await handle.stat();
      const hint = findHint(status);
      if (hint !== undefined) throw new RecordError({ operation: 'open', path, hint });
      const head = Buffer.allocUnsafe(Math.min(HEAD_BYTES, status.size));
      const { bytesRead } = await handle.read(head, 0, head.length, 0);
      return { bytes: head.subarray(0, bytesRead), isWhole: bytesRead === status.size };
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw createRecordError('open', path, cause);
  }
}

async function findHead(path: string): Promise<RecordHead> {
  const head = await readFileHead(path);
  const file = createFileSource(path);
  if (!startsWith(head.bytes, 0x1f, 0x8b)) {
    return { path, source: file, isGzipped: false, ...head };
  }
  const source = createInflatedSource(file, 'gzip');
  try {
    return { path, source, isGzipped: true, ...(await readHead(source)) };
  } catch (cause) {
    throw new RecordError({ operation: 'open', path, hint: describeError(cause), cause });
  }
}

/**
 * Opens a record of any format, told by its content: the name says nothing. A rolling record is
 * named by its base path or directory.
 *
 * @throws RecordError when there is nothing that could be read as a record; it says what it looks
 *   like instead.
 */
export async function openRecord(
  path: string,
  formats: readonly RecordFormat[] = FORMATS,
): Promise<RecordReader> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) {
    const { openRollingRecord } = await import('./rolling/openRollingRecord.ts');
    const rolling = await openRollingRecord(path);
    if (rolling !== undefined) return rolling;
  }
  const head = await findHead(path);
  const format = formats.find((candidate) => candidate.matches(head));
  if (format !== undefined) return format.open(head);
  throw new RecordError({
    operation: 'open',
    path,
    hint: `expected a record, but ${describeContent(path, head.bytes)}`,
  });
}
