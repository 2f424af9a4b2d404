import type { ByteSource } from '../../src/record/source/byteSource.ts';

/** Bytes in pieces of the given sizes, which repeat. */
export function createMemorySource(
  content: Uint8Array | string,
  sizes: readonly number[] = [1 << 20],
): ByteSource {
  const bytes = Buffer.from(content);
  return {
    offsetsIn: undefined,
    async *open() {
      for (let from = 0, turn = 0; from < bytes.length; turn += 1) {
        const size = sizes[turn % sizes.length]!;
        // As a file gives them: later than the consumer asks.
        await Promise.resolve();
        yield bytes.subarray(from, from + size);
        from += size;
      }
    },
  };
}
