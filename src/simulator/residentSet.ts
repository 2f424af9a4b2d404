import type { Range } from './regionSet.ts';

/** Part of a heap of which pages were paged out. */
interface Hole {
  readonly start: number;
  readonly end: number;
  /** Share of its pages that is still out, 0 to 1. */
  readonly outRatio: number;
}

/** A range used in one way; ascending and adjacent. */
export interface UsedRange extends Range {
  readonly touchPeriodUs: number;
}

/**
 * Which part of a process is in memory. Pages go out by `pageOut` and come back as their band is
 * touched, computed from the touch period instead of page by page.
 */
export class ResidentSet {
  #holes: Hole[] = [];
  #settledAtUs = 0;

  /** Brings back what was touched since the last call. */
  settle(bands: readonly UsedRange[], nowUs: number): void {
    const elapsedUs = nowUs - this.#settledAtUs;
    this.#settledAtUs = nowUs;
    if (this.#holes.length === 0 || elapsedUs <= 0) return;
    const settled: Hole[] = [];
    for (const hole of this.#holes) {
      for (const band of bands) {
        const start = Math.max(hole.start, band.start);
        const end = Math.min(hole.end, band.end);
        const outRatio = hole.outRatio - elapsedUs / band.touchPeriodUs;
        if (start < end && outRatio > 0) appendHole(settled, { start, end, outRatio });
      }
    }
    this.#holes = settled;
  }

  /** Bytes of the range that are out. */
  outBytes(range: Range): number {
    let bytes = 0;
    for (const hole of this.#holes) {
      const overlap = Math.min(hole.end, range.end) - Math.max(hole.start, range.start);
      if (overlap > 0) bytes += overlap * hole.outRatio;
    }
    return Math.floor(bytes);
  }

  /** Pages the whole range out; returns the bytes that were still in. */
  pageOut(range: Range): number {
    const bytes = range.end - range.start - this.outBytes(range);
    const kept: Hole[] = [];
    for (const hole of this.#holes) {
      if (hole.start < range.start) {
        kept.push({ ...hole, end: Math.min(hole.end, range.start) });
      }
      if (hole.end > range.end) kept.push({ ...hole, start: Math.max(hole.start, range.end) });
    }
    kept.push({ start: range.start, end: range.end, outRatio: 1 });
    kept.sort((left, right) => left.start - right.start);
    this.#holes = [];
    for (const hole of kept) appendHole(this.#holes, hole);
    return bytes;
  }

  /** Brings the range in, as `willneed` does; returns the bytes that were out. */
  bringIn(range: Range): number {
    const bytes = this.outBytes(range);
    this.#holes = this.#holes.flatMap((hole) => {
      const before = { ...hole, end: Math.min(hole.end, range.start) };
      const after = { ...hole, start: Math.max(hole.start, range.end) };
      return [before, after].filter((part) => part.start < part.end);
    });
    return bytes;
  }
}

function appendHole(holes: Hole[], hole: Hole): void {
  const last = holes.at(-1);
  if (last?.end === hole.start && last.outRatio === hole.outRatio) {
    holes[holes.length - 1] = { ...last, end: hole.end };
  } else {
    holes.push(hole);
  }
}
