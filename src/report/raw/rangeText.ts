import { HIGH_HALF, LOW_HALF } from '../../base/uint64Halves.ts';
import type { AsciiBuffer } from '../asciiBuffer.ts';

/** A power of two: more than snapshots have regions. */
const NR_SLOTS = 1 << 13;
/** "START-END" and a size in parentheses, for addresses of 12 digits. */
const MAX_BYTES = 48;

/**
 * Writes `START-END(SIZE)`. Most regions stand unchanged in the next snapshot, and their text is
 * kept: copying it takes a third of the time.
 */
export interface RangeWriter {
  /** Start and end as 32-bit halves (see viewUint64Halves), of the region that begins at `pair`. */
  write(out: AsciiBuffer, starts: Uint32Array, ends: Uint32Array, pair: number): void;
}

/** `opening` stands between the addresses and the size. */
export function createRangeWriter(opening: string, isRaw: boolean): RangeWriter {
  const keys = new Uint32Array(4 * NR_SLOTS);
  const texts = new Uint8Array(MAX_BYTES * NR_SLOTS);
  /** 0: nothing is kept. */
  const lengths = new Uint8Array(NR_SLOTS);
  return {
    write: (out, starts, ends, pair) => {
      const startHigh = starts[pair + HIGH_HALF] ?? 0;
      const startLow = starts[pair + LOW_HALF] ?? 0;
      const endHigh = ends[pair + HIGH_HALF] ?? 0;
      const endLow = ends[pair + LOW_HALF] ?? 0;
      const hash = Math.imul(startLow ^ Math.imul(endLow, 0x9e37_79b1), 0x85eb_ca6b) >>> 19;
      const key = 4 * hash;
      const length = lengths[hash] ?? 0;
      if (
        length > 0 &&
        keys[key] === startHigh &&
        keys[key + 1] === startLow &&
        keys[key + 2] === endHigh &&
        keys[key + 3] === endLow
      ) {
        out.restore(texts, MAX_BYTES * hash, length);
        return;
      }
      const begin = out.length;
      out.hex12(startHigh, startLow);
      out.text('-');
      out.hex12(endHigh, endLow);
      out.text(opening);
      out.size12(endHigh - startHigh, endLow - startLow, isRaw);
      const written = out.length - begin;
      if (written > MAX_BYTES) return;
      keys[key] = startHigh;
      keys[key + 1] = startLow;
      keys[key + 2] = endHigh;
      keys[key + 3] = endLow;
      lengths[hash] = written;
      out.save(begin, texts, MAX_BYTES * hash);
    },
  };
}
