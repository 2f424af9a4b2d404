import type { RecordFile } from './recordFs.ts';

/** A file as far as it reached when reading began, read through a window. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** The bytes from `offset` on, fewer at the end of the file. They are not changed afterwards. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** Small blocks come many to a window; a larger one is read for itself. */
const WINDOW_BYTES = 1 << 16;

export function createByteSource(file: RecordFile, sizeBytes: number): ByteSource {
  let window = Buffer.alloc(0);
  let windowOffset = 0;
  return {
    sizeBytes,
    read: async (offset, length) => {
      const wanted = Math.max(0, Math.min(length, sizeBytes - offset));
      const from = offset - windowOffset;
      if (from >= 0 && from + wanted <= window.length) {
        return window.subarray(from, from + wanted);
      }
      const buffer = Buffer.allocUnsafe(
        Math.min(Math.max(wanted, WINDOW_BYTES), sizeBytes - offset),
      );
      const nrRead = await file.read(buffer, offset);
      window = buffer.subarray(0, nrRead);
      windowOffset = offset;
      return window.subarray(0, wanted);
    },
  };
}
