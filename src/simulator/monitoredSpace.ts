import type { Action } from '../damon/spec.ts';
import type { ContextConfig, FilterConfig, TargetConfig } from './contextConfig.ts';
import type { KernelModel } from './kernelModel.ts';
import type { Machine } from './machine.ts';
import { freeMemoryPasses, memoryFilterPasses } from './schemeFilter.ts';
import type { Range } from './regionSet.ts';
import type { SimulatedProcess } from './simulatedProcess.ts';

/** The parent of all kernel threads. */
export const KTHREADD_PID = 2;

/** What a scheme's action did to a region. */
export interface Effect {
  readonly appliedBytes: number;
  readonly filterPassedBytes: number;
}

const NO_EFFECT: Effect = { appliedBytes: 0, filterPassedBytes: 0 };

/** One target as the kernel's operations set sees it (`vaddr`, `fvaddr`, `paddr`). */
export interface MonitoredSpace {
  /** False once there is nothing left to monitor: the process ended. */
  isValid(): boolean;
  /** What to monitor now; undefined = the configured ranges, for good. */
  currentRanges(): readonly Range[] | undefined;
  isAccessed(addr: number, fromUs: number, toUs: number): boolean;
  apply(action: Action, range: Range, filters: readonly FilterConfig[]): Effect;
  /** Whether the page of this address is of the probe's kind. */
  isProbed(addr: number, filters: readonly FilterConfig[]): boolean;
}

/** Of which kind a space is, in which kernel. */
export type SpaceKind = Pick<ContextConfig, 'operations'> & Pick<KernelModel, 'judgesVirtualPages'>;

export function createMonitoredSpace(
  machine: Machine,
  kind: SpaceKind,
  target: TargetConfig,
): MonitoredSpace {
  if (kind.operations === 'paddr') return createPhysicalSpace(machine);
  return createVirtualSpace(machine, target.pid, kind);
}

/** The three parts between the two largest gaps of the mappings. */
export function computeThreeRanges(mappings: readonly Range[]): Range[] {
  const gaps = mappings
    .slice(1)
    .map((mapping, index) => ({ start: mappings[index]?.end ?? 0, end: mapping.start }))
    .sort((left, right) => right.end - right.start - (left.end - left.start))
    .slice(0, 2)
    .sort((left, right) => left.start - right.start);
  const first = mappings[0]?.start;
  const last = mappings.at(-1)?.end;
  if (first === undefined || last === undefined) return [];
  const starts = [first, ...gaps.map(({ end }) => end)];
  const ends = [...gaps.map(({ start }) => start), last];
  return starts.map((start, index) => ({ start, end: ends[index] ?? last }));
}

/** madvise() of a region with a gap in it fails as a whole; otherwise it counts as a whole. */
function applyToProcess(process: SimulatedProcess, action: Action, range: Range): number {
  if (action === 'stat' || action === 'lru_prio' || action === 'lru_deprio') return 0;
  const { heap, residentSet } = process;
  const isMapped = process
    .mappings()
    .some((mapping) => mapping.start <= range.start && range.end <= mapping.end);
  if (!isMapped) return 0;
  const part = {
    start: Math.max(heap.start, range.start),
    end: Math.min(heap.end, range.end),
  };
  if (part.start < part.end && action === 'pageout') residentSet.pageOut(part);
  if (part.start < part.end && action === 'willneed') residentSet.bringIn(part);
  return range.end - range.start;
}

/** Bytes in memory that the filters leave: without filters the kernel does not look. */
function countFiltered(
  process: SimulatedProcess,
  range: Range,
  { machine, filters }: { readonly machine: Machine; readonly filters: readonly FilterConfig[] },
): number {
  const { heap, residentSet } = process;
  const part = { start: Math.max(heap.start, range.start), end: Math.min(heap.end, range.end) };
  if (filters.length === 0 || part.start >= part.end) return 0;
  if (!memoryFilterPasses({ process, range: part, machine }, filters)) return 0;
  return part.end - part.start - residentSet.outBytes(part);
}

function createVirtualSpace(
  machine: Machine,
  pid: number,
  { operations, judgesVirtualPages }: SpaceKind,
): MonitoredSpace {
  // Looked up once per wake-up, not once per region.
  let process = machine.processes.get(pid);
  return {
    isValid: () => {
      process = machine.processes.get(pid);
      // Kernel threads have no mappings, but they are processes.
      return process !== undefined || pid === KTHREADD_PID;
    },
    currentRanges: () =>
      operations === 'fvaddr' ? undefined : computeThreeRanges(process?.mappings() ?? []),
    isAccessed: (addr, fromUs, toUs) => process?.isAccessed(addr, fromUs, toUs) ?? false,
    apply: (action, range, filters) => {
      if (action === 'stat') {
        if (process === undefined || !judgesVirtualPages) return NO_EFFECT;
        const filterPassedBytes = countFiltered(process, range, { machine, filters });
        return { appliedBytes: 0, filterPassedBytes };
      }
      const appliedBytes = process === undefined ? 0 : applyToProcess(process, action, range);
      return { appliedBytes, filterPassedBytes: 0 };
    },
    // Seen on 7.2: the operations of virtual memory do not look.
    isProbed: () => false,
  };
}

function createPhysicalSpace(machine: Machine): MonitoredSpace {
  const { memory } = machine;
  return {
    isValid: () => true,
    currentRanges: () => undefined,
    isAccessed: (addr, fromUs, toUs) => memory.isAccessed(addr, fromUs, toUs),
    apply: (action, range, filters) => {
      // Without filters the kernel does not look at the pages for `stat`.
      if (action === 'stat' && filters.length === 0) return NO_EFFECT;
      let appliedBytes = 0;
      let filterPassedBytes = 0;
      for (const { process, part } of memory.ownedParts(range)) {
        if (!memoryFilterPasses({ process, range: part, machine }, filters)) continue;
        const bytes = part.end - part.start;
        filterPassedBytes += bytes;
        if (action === 'pageout') appliedBytes += process.residentSet.pageOut(part);
        else if (action !== 'stat') appliedBytes += bytes;
      }
      return { appliedBytes, filterPassedBytes };
    },
    isProbed: (addr, filters) => {
      const owned = memory.ownedParts({ start: addr, end: addr + 1 })[0];
      if (owned === undefined) return freeMemoryPasses(filters);
      const { process, part } = owned;
      return memoryFilterPasses({ process, range: part, machine }, filters);
    },
  };
}
