import { PAGE_BYTES } from './regionSet.ts';
import type { Range } from './regionSet.ts';
import { ResidentSet } from './residentSet.ts';
import type { UsedRange } from './residentSet.ts';
import { computeTouchedBytes } from './workload.ts';
import type { Workload, WorkloadPhase } from './workload.ts';

export interface Mapping extends Range {
  readonly permissions: string;
  readonly name: string;
}

const TEXT: Mapping = {
  start: 0x5563_8a40_0000,
  end: 0x5563_8a40_0000 + 40 * PAGE_BYTES,
  permissions: 'r-xp',
  name: '',
};
/** Every simulated heap starts here. */
export const HEAP_START = 0x7f21_4000_0000;
const STACK: Mapping = {
  start: 0x7ffd_c0de_0000,
  end: 0x7ffd_c0de_0000 + 33 * PAGE_BYTES,
  permissions: 'rw-p',
  name: '[stack]',
};

/** A process of the simulated machine: one workload with a pid, an address space and a history. */
export class SimulatedProcess {
  readonly pid: number;
  readonly workload: Workload;
  readonly startUs: number;
  readonly residentSet: ResidentSet = new ResidentSet();
  bands: readonly UsedRange[] = [];
  /** Changes whenever mappings or bands do. */
  generation = 0;
  #phase: WorkloadPhase;
  #phaseEndsAtUs: number;
  readonly #exitsAtUs: number;

  constructor(pid: number, workload: Workload, startUs: number) {
    this.pid = pid;
    this.workload = workload;
    this.startUs = startUs;
    this.#exitsAtUs = startUs + (workload.exitsAtUs ?? Infinity);
    this.#phase = workload.phaseAt(0);
    this.#phaseEndsAtUs = startUs;
    this.residentSet.settle([], startUs);
    this.refresh(startUs);
  }

  /** When something changes next: a phase, or the end. */
  get nextEventUs(): number {
    return Math.min(this.#phaseEndsAtUs, this.#exitsAtUs);
  }

  hasExited(nowUs: number): boolean {
    return nowUs >= this.#exitsAtUs;
  }

  /** Enters the phase of this moment. */
  refresh(nowUs: number): void {
    this.residentSet.settle(this.bands, nowUs);
    if (nowUs < this.#phaseEndsAtUs) return;
    this.#phase = this.workload.phaseAt(nowUs - this.startUs);
    this.#phaseEndsAtUs = this.startUs + this.#phase.endsAtUs;
    let start = HEAP_START;
    this.bands = this.#phase.bands.map(({ sizeBytes, touchPeriodUs }) => {
      const band = { start, end: start + sizeBytes, touchPeriodUs };
      start = band.end;
      return band;
    });
    this.generation++;
  }

  get heap(): Range {
    return { start: HEAP_START, end: this.bands.at(-1)?.end ?? HEAP_START };
  }

  /** Ascending. */
  mappings(): readonly Mapping[] {
    const name = this.workload.isFileBacked === true ? `/var/lib/${this.workload.comm}/data` : '';
    const text = { ...TEXT, name: `/usr/bin/${this.workload.comm}` };
    return [text, { ...this.heap, permissions: 'rw-p', name }, STACK];
  }

  /** Whether the page of this address was touched in [fromUs, toUs). */
  isAccessed(addr: number, fromUs: number, toUs: number): boolean {
    const { bands } = this;
    let low = 0;
    let high = bands.length - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const band = bands[middle];
      if (band === undefined) return false;
      if (addr < band.start) high = middle - 1;
      else if (addr >= band.end) low = middle + 1;
      else return isTouched(addr, band.touchPeriodUs, fromUs, toUs);
    }
    return false;
  }

  /** Resident set, bytes. */
  residentBytes(): number {
    const mapped = this.mappings().reduce((sum, { start, end }) => sum + end - start, 0);
    return mapped - this.residentSet.outBytes(this.heap);
  }

  /** The truth: bytes touched at least once in each window of this length, at present. */
  touchedBytes(windowUs: number): number {
    return computeTouchedBytes(this.#phase, windowUs);
  }
}

/** Pages of one band are touched one after another in an order without pattern. */
function isTouched(addr: number, periodUs: number, fromUs: number, toUs: number): boolean {
  if (periodUs === Infinity) return false;
  if (toUs - fromUs >= periodUs) return true;
  const page = Math.floor(addr / PAGE_BYTES) | 0;
  const phaseUs = ((Math.imul(page, 0x9e3779b1) >>> 0) / 2 ** 32) * periodUs;
  return Math.floor((toUs - phaseUs) / periodUs) !== Math.floor((fromUs - phaseUs) / periodUs);
}
