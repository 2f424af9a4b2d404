import { open } from 'node:fs/promises';
import { RecordError, describeError } from '../../base/errors.ts';

/** Bytes that can be read from the beginning as often as needed; a piece is not written to again. */
export interface ByteSource {
  /** What byte offsets count in where that is not the file: "the uncompressed data". */
  readonly offsetsIn: string | undefined;
  open(): AsyncIterable<Uint8Array>;
}

/**
 * Reading a source ended before the source did. What came before is intact; the message says what
 * was found.
 */
export class SourceDamage extends Error {
  /** In the file, not in what was made of it. */
  readonly byteOffset: number;

  constructor(byteOffset: number, message: string) {
    super(message);
    this.name = 'SourceDamage';
    this.byteOffset = byteOffset;
  }
}

const PIECE_BYTES = 256 * 1024;

/** The bytes of a file. */
export function createFileSource(path: string): ByteSource {
  return {
    offsetsIn: undefined,
    open: () => readPieces(path),
  };
}

async function* readPieces(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    for (let offset = 0; ;) {
      const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
      const { bytesRead } = await handle
        .read(piece, 0, PIECE_BYTES, null)
        .catch((cause: unknown) => {
          throw new RecordError({
            operation: 'read',
            path,
            byteOffset: offset,
            hint: describeError(cause),
            cause,
          });
        });
      if (bytesRead === 0) return;
      offset += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
