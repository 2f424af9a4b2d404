import { HIGH_HALF, LOW_HALF, createHalvesViewer } from '../../base/uint64Halves.ts';
import type { RecordedRegions } from '../../record/recording.ts';
import type { AsciiBuffer } from '../asciiBuffer.ts';
import type { RawTextOptions } from './rawTextOptions.ts';

/** A power of two: more than snapshots have regions. */
const NR_SLOTS = 1 << 13;
const SLOT_SHIFT = 32 - 13;
/** What is kept of a line, `START-END(SIZE):` for addresses of 12 digits. A multiple of 8. */
const KEPT_BYTES = 40;
/** More than a line takes, and what a copy writes beyond it. */
const MAX_LINE_BYTES = 160;
/** Lines there is room made for at a time. */
const MAX_LINES = 256;

/** Counts below have their digits and the end of the line ready, as 4 bytes. */
const NR_READY = 100;

/** Appends a line for each region of a snapshot. */
export type WriteRegionLines = (out: AsciiBuffer, regions: RecordedRegions) => void;

interface ReadyEnds {
  readonly bytes: Int32Array;
  readonly lengths: Uint8Array;
}

function createReadyEnds(): ReadyEnds {
  const bytes = new Int32Array(NR_READY);
  const lengths = new Uint8Array(NR_READY);
  for (let count = 0; count < NR_READY; count++) {
    const text = `\t${count}\n`;
    bytes[count] = Buffer.from(text.padEnd(4, '\0'), 'latin1').readInt32LE();
    lengths[count] = text.length;
  }
  return { bytes, lengths };
}

function writeTableEnd(out: AsciiBuffer, regions: RecordedRegions, index: number): void {
  out.text(' ');
  out.decimal(regions.nrAccesses[index] ?? 0, 11);
  out.text(' ');
  if (regions.hasAges) out.decimal(regions.ageIntervals[index] ?? 0, 5);
  else out.text('   -1');
  out.text('\n');
}

/** Texts by a hash of start and end. */
interface KeptTexts {
  /** Both halves of the start, then of the end. */
  readonly keys: Uint32Array;
  readonly texts: DataView;
  /** 0: nothing is kept. */
  readonly lengths: Uint8Array;
}

function createKeptTexts(): KeptTexts {
  return {
    keys: new Uint32Array(4 * NR_SLOTS),
    texts: new DataView(new ArrayBuffer(KEPT_BYTES * NR_SLOTS)),
    lengths: new Uint8Array(NR_SLOTS),
  };
}

/** Keeps what was written last, from `begin` on, unless it is too long. */
function keepText(
  { texts, lengths }: KeptTexts,
  slot: number,
  { view, length: end }: AsciiBuffer,
  begin: number,
): void {
  const length = end - begin;
  lengths[slot] = length > KEPT_BYTES ? 0 : length;
  for (let at = 0; at < KEPT_BYTES; at += 8) {
    texts.setFloat64(KEPT_BYTES * slot + at, view.getFloat64(begin + at, true), true);
  }
}

/**
 * Lines begin with `START-END(SIZE)`. Most regions stand unchanged in the next snapshot, so the text
 * of that is kept by a hash of start and end, and copied: a fifth of the time.
 */
export function createRegionLines({ layout, isRaw }: RawTextOptions): WriteRegionLines {
  const isTable = layout === 'table';
  const [opening, closing] = isTable ? [' (', ')'] : ['(', '):'];
  const kept = createKeptTexts();
  const ready = createReadyEnds();
  const viewStarts = createHalvesViewer();
  const viewEnds = createHalvesViewer();

  /** There must be room. */
  const writeLines = (
    out: AsciiBuffer,
    regions: RecordedRegions,
    from: number,
    to: number,
  ): void => {
    const starts = viewStarts(regions.startAddr);
    const ends = viewEnds(regions.endAddr);
    const { nrAccesses } = regions;
    const { view } = out;
    const { keys, texts, lengths } = kept;
    const { bytes: readyBytes, lengths: readyLengths } = ready;
    // Imported values are looked up anew at each use.
    const highHalf = HIGH_HALF;
    const lowHalf = LOW_HALF;
    let at = out.length;
    for (let index = from; index < to; index++) {
      const startHigh = starts[2 * index + highHalf] ?? 0;
      const startLow = starts[2 * index + lowHalf] ?? 0;
      const endHigh = ends[2 * index + highHalf] ?? 0;
      const endLow = ends[2 * index + lowHalf] ?? 0;
      const slot = Math.imul(startLow ^ Math.imul(endLow, 0x9e37_79b1), 0x85eb_ca6b) >>> SLOT_SHIFT;
      const key = 4 * slot;
      const length = lengths[slot] ?? 0;
      if (
        length > 0 &&
        keys[key] === startHigh &&
        keys[key + 1] === startLow &&
        keys[key + 2] === endHigh &&
        keys[key + 3] === endLow
      ) {
        // Eight bytes at a time, as doubles: ASCII is never a NaN, of which bits could be lost.
        const text = KEPT_BYTES * slot;
        view.setFloat64(at, texts.getFloat64(text, true), true);
        view.setFloat64(at + 8, texts.getFloat64(text + 8, true), true);
        view.setFloat64(at + 16, texts.getFloat64(text + 16, true), true);
        view.setFloat64(at + 24, texts.getFloat64(text + 24, true), true);
        view.setFloat64(at + 32, texts.getFloat64(text + 32, true), true);
        at += length;
      } else {
        out.length = at;
        out.hex12(startHigh, startLow);
        out.text('-');
        out.hex12(endHigh, endLow);
        out.text(opening);
        out.size12(endHigh - startHigh, endLow - startLow, isRaw);
        out.text(closing);
        keepText(kept, slot, out, at);
        keys[key] = startHigh;
        keys[key + 1] = startLow;
        keys[key + 2] = endHigh;
        keys[key + 3] = endLow;
        at = out.length;
      }
      const samples = nrAccesses[index] ?? 0;
      if (samples < NR_READY && !isTable) {
        view.setInt32(at, readyBytes[samples] ?? 0, true);
        at += readyLengths[samples] ?? 0;
        continue;
      }
      out.length = at;
      if (isTable) writeTableEnd(out, regions, index);
      else {
        out.text('\t');
        out.decimal(samples);
        out.text('\n');
      }
      at = out.length;
    }
    out.length = at;
  };

  return (out, regions) => {
    for (let from = 0; from < regions.count; from += MAX_LINES) {
      out.reserve(MAX_LINES * MAX_LINE_BYTES);
      writeLines(out, regions, from, Math.min(from + MAX_LINES, regions.count));
    }
  };
}
