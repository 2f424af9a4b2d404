import type { Random } from '../base/random.ts';

/** Bytes of one page and of the smallest region. */
export const PAGE_BYTES = 4096;

/** Data attribute probes a context can have, DAMON_MAX_PROBES. */
export const MAX_PROBES = 4;

/** A range of simulated addresses. They fit 53 bits, so plain numbers hold them exactly. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Columns of one field each; all have the same length. */
interface Columns {
  readonly start: Float64Array;
  readonly end: Float64Array;
  /** Samples with an access in the running aggregation interval. */
  readonly nrAccesses: Uint32Array;
  /** The same of the aggregation interval before. */
  readonly lastNrAccesses: Uint32Array;
  /** Moving sum of accesses over one aggregation interval, times 10,000. */
  readonly nrAccessesBp: Float64Array;
  /** Aggregation intervals. */
  readonly age: Uint32Array;
  /** Samples that hit each data attribute probe; four per region. */
  readonly probeHits: Uint8Array;
}

function createColumns(capacity: number): Columns {
  return {
    start: new Float64Array(capacity),
    end: new Float64Array(capacity),
    nrAccesses: new Uint32Array(capacity),
    lastNrAccesses: new Uint32Array(capacity),
    nrAccessesBp: new Float64Array(capacity),
    age: new Uint32Array(capacity),
    probeHits: new Uint8Array(capacity * MAX_PROBES),
  };
}

function copyRegion(from: Columns, source: number, into: Columns, target: number): void {
  into.start[target] = from.start[source] ?? 0;
  into.end[target] = from.end[source] ?? 0;
  into.nrAccesses[target] = from.nrAccesses[source] ?? 0;
  into.lastNrAccesses[target] = from.lastNrAccesses[source] ?? 0;
  into.nrAccessesBp[target] = from.nrAccessesBp[source] ?? 0;
  into.age[target] = from.age[source] ?? 0;
  const hits = source * MAX_PROBES;
  for (let i = 0; i < MAX_PROBES; i++) {
    into.probeHits[target * MAX_PROBES + i] = from.probeHits[hits + i] ?? 0;
  }
}

/** The regions of one target: ascending, disjoint, page aligned where they were given so. */
export class RegionSet {
  count = 0;
  columns: Columns = createColumns(64);
  #spare: Columns = createColumns(64);

  /** Starts anew with one unaged region per range. */
  reset(ranges: readonly Range[]): void {
    this.count = 0;
    this.#reserve(ranges.length);
    for (const range of ranges) this.#append(range.start, range.end);
  }

  /** Cuts every region into pieces of about the given size, as `vaddr` does at its start. */
  splitEvenly(pieceBytes: number): void {
    const ranges: Range[] = [];
    const { start, end } = this.columns;
    for (let i = 0; i < this.count; i++) {
      const from = start[i] ?? 0;
      const to = end[i] ?? 0;
      const nrPieces = Math.max(1, Math.floor((to - from) / pieceBytes));
      const size = alignDown((to - from) / nrPieces);
      for (let piece = 0; piece < nrPieces; piece++) {
        const pieceStart = from + piece * size;
        ranges.push({ start: pieceStart, end: piece === nrPieces - 1 ? to : pieceStart + size });
      }
    }
    this.reset(ranges);
  }

  /** Follows changed mappings: what still lies in the ranges keeps its counts, holes are filled. */
  fitTo(ranges: readonly Range[]): void {
    const { start, end } = this.columns;
    const into = this.#takeSpare(2 * (this.count + ranges.length));
    let count = 0;
    let next = 0;
    for (const range of ranges) {
      let covered = range.start;
      while (next < this.count && (end[next] ?? 0) <= range.start) next++;
      const first = count;
      while (next < this.count && (start[next] ?? 0) < range.end) {
        const from = start[next] ?? 0;
        if (count > first && from > covered) addRegion(into, count++, covered, from);
        covered = end[next] ?? 0;
        copyRegion(this.columns, next++, into, count++);
      }
      if (count === first) addRegion(into, count++, range.start, range.end);
      into.start[first] = range.start;
      into.end[count - 1] = range.end;
      // A region reaching into the following range belongs to both.
      if (covered > range.end) next--;
    }
    this.#swap(into, count);
  }

  /** Ages regions and joins neighbours that behave alike; `shouldAge` is false on a further pass. */
  merge(threshold: number, maxRegionBytes: number, shouldAge: boolean): void {
    const { start, end, nrAccesses, age } = this.columns;
    if (shouldAge) this.#ageRegions(threshold);
    let last = -1;
    for (let i = 0; i < this.count; i++) {
      const isMergeable =
        last >= 0 &&
        end[last] === start[i] &&
        Math.abs((nrAccesses[last] ?? 0) - (nrAccesses[i] ?? 0)) <= threshold &&
        (end[i] ?? 0) - (start[last] ?? 0) <= maxRegionBytes;
      if (!isMergeable) {
        last++;
        if (last !== i) copyRegion(this.columns, i, this.columns, last);
        continue;
      }
      const leftBytes = (end[last] ?? 0) - (start[last] ?? 0);
      const rightBytes = (end[i] ?? 0) - (start[i] ?? 0);
      const totalBytes = leftBytes + rightBytes;
      const mean = (left: number, right: number): number =>
        Math.floor((left * leftBytes + right * rightBytes) / totalBytes);
      nrAccesses[last] = mean(nrAccesses[last] ?? 0, nrAccesses[i] ?? 0);
      this.columns.nrAccessesBp[last] = (nrAccesses[last] ?? 0) * 10_000;
      age[last] = mean(age[last] ?? 0, age[i] ?? 0);
      const { probeHits } = this.columns;
      for (let probe = 0; probe < MAX_PROBES; probe++) {
        const at = last * MAX_PROBES + probe;
        probeHits[at] = mean(probeHits[at] ?? 0, probeHits[i * MAX_PROBES + probe] ?? 0);
      }
      end[last] = end[i] ?? 0;
    }
    this.count = last + 1;
  }

  /** Splits every region that is large enough at random places into at most `nrPieces`. */
  split(nrPieces: number, random: Random): void {
    const into = this.#takeSpare(this.count * nrPieces);
    let count = 0;
    for (let i = 0; i < this.count; i++) {
      const end = this.columns.end[i] ?? 0;
      let start = this.columns.start[i] ?? 0;
      for (let piece = 1; piece < nrPieces; piece++) {
        const bytes = end - start;
        const pieceBytes = alignDown((bytes * (1 + random.below(9))) / 10);
        if (bytes <= 2 * PAGE_BYTES || pieceBytes === 0 || pieceBytes >= bytes) continue;
        copyRegion(this.columns, i, into, count);
        into.start[count] = start;
        start += pieceBytes;
        into.end[count++] = start;
      }
      copyRegion(this.columns, i, into, count);
      into.start[count++] = start;
    }
    this.#swap(into, count);
  }

  /** Cuts one region in two; the new one follows it. */
  splitAt(index: number, addr: number): void {
    this.#reserve(this.count + 1);
    for (let i = this.count; i > index; i--) copyRegion(this.columns, i - 1, this.columns, i);
    this.columns.end[index] = addr;
    this.columns.start[index + 1] = addr;
    this.count++;
  }

  /** The aggregation ended: its counts become the last ones. */
  startAggregation(): void {
    this.columns.lastNrAccesses.set(this.columns.nrAccesses.subarray(0, this.count));
    this.columns.nrAccesses.fill(0, 0, this.count);
    this.columns.probeHits.fill(0, 0, this.count * MAX_PROBES);
  }

  /** At the end of an aggregation the moving sums are the sums. */
  settleMovingSums(): void {
    const { nrAccesses, nrAccessesBp } = this.columns;
    for (let i = 0; i < this.count; i++) nrAccessesBp[i] = (nrAccesses[i] ?? 0) * 10_000;
  }

  /** Counts a sampled page that is of the probe's kind; the counter wraps at 8 bits, as the kernel's does. */
  hitProbe(index: number, probe: number): void {
    const at = index * MAX_PROBES + probe;
    this.columns.probeHits[at] = (this.columns.probeHits[at] ?? 0) + 1;
  }

  probeHitsOf(index: number, nrProbes: number): number[] {
    const from = index * MAX_PROBES;
    return [...this.columns.probeHits.subarray(from, from + nrProbes)];
  }

  /** Keeps access ratios and idle times the same when the intervals change. */
  rescale(accessFactor: number, ageFactor: number): void {
    const { nrAccesses, lastNrAccesses, nrAccessesBp, age } = this.columns;
    for (let i = 0; i < this.count; i++) {
      nrAccessesBp[i] = Math.floor((nrAccessesBp[i] ?? 0) * accessFactor);
      nrAccesses[i] = Math.floor((nrAccesses[i] ?? 0) * accessFactor);
      lastNrAccesses[i] = Math.floor((lastNrAccesses[i] ?? 0) * accessFactor);
      age[i] = Math.floor((age[i] ?? 0) * ageFactor);
    }
  }

  totalBytes(): number {
    let sum = 0;
    for (let i = 0; i < this.count; i++) {
      sum += (this.columns.end[i] ?? 0) - (this.columns.start[i] ?? 0);
    }
    return sum;
  }

  #ageRegions(threshold: number): void {
    const { nrAccesses, lastNrAccesses, age } = this.columns;
    for (let i = 0; i < this.count; i++) {
      const now = nrAccesses[i] ?? 0;
      const before = lastNrAccesses[i] ?? 0;
      const hasChanged = Math.abs(now - before) > threshold || (now === 0) !== (before === 0);
      age[i] = hasChanged ? 0 : (age[i] ?? 0) + 1;
    }
  }

  #append(start: number, end: number): void {
    addRegion(this.columns, this.count++, start, end);
  }

  #reserve(capacity: number): void {
    if (this.columns.start.length >= capacity) return;
    const larger = createColumns(capacity * 2);
    for (let i = 0; i < this.count; i++) copyRegion(this.columns, i, larger, i);
    this.columns = larger;
  }

  #takeSpare(capacity: number): Columns {
    if (this.#spare.start.length < capacity) this.#spare = createColumns(capacity * 2);
    return this.#spare;
  }

  #swap(into: Columns, count: number): void {
    this.#spare = this.columns;
    this.columns = into;
    this.count = count;
  }
}

function addRegion(columns: Columns, index: number, start: number, end: number): void {
  columns.start[index] = start;
  columns.end[index] = end;
  columns.nrAccesses[index] = 0;
  columns.lastNrAccesses[index] = 0;
  columns.nrAccessesBp[index] = 0;
  columns.age[index] = 0;
  columns.probeHits.fill(0, index * MAX_PROBES, (index + 1) * MAX_PROBES);
}

/** Down to a whole page. */
export function alignDown(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES) * PAGE_BYTES;
}
