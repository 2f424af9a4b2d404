import type { FilterConfig } from './contextConfig.ts';
import type { Machine } from './machine.ts';
import { PAGE_BYTES } from './regionSet.ts';
import type { Range } from './regionSet.ts';
import type { SimulatedProcess } from './simulatedProcess.ts';

/** Filters answered from address and target alone; all others look at the memory. */
export function isCoreFilter(filter: FilterConfig): boolean {
  return filter.type === 'addr' || filter.type === 'target';
}

/** How far back an access makes a page young, µs. */
const YOUNG_US = 1_000_000;

/** What a filter of the operations layer is asked about. */
export interface FilteredMemory {
  readonly process: SimulatedProcess;
  readonly range: Range;
  readonly machine: Machine;
}

function isOfType(memory: FilteredMemory, filter: FilterConfig): boolean {
  const { process, range, machine } = memory;
  switch (filter.type) {
    case 'anon':
      return process.workload.isFileBacked !== true;
    case 'memcg':
      return process.workload.cgroup === filter.memcgPath;
    case 'young':
    case 'active':
      return process.isAccessed(range.start, machine.nowUs - YOUNG_US, machine.nowUs);
    case 'hugepage_size':
      return filter.sizeBytes.min <= PAGE_BYTES && PAGE_BYTES <= filter.sizeBytes.max;
    default:
      return false;
  }
}

/** The first filter that speaks about the memory decides; if none does, the last one's opposite. */
function decide(
  filters: readonly FilterConfig[],
  isOf: (filter: FilterConfig) => boolean,
): boolean {
  for (const filter of filters) {
    if (isOf(filter) === filter.isMatching) return filter.isAllowing;
  }
  return !(filters.at(-1)?.isAllowing ?? false);
}

/** Whether filters of the operations layer let this memory pass. */
export function memoryFilterPasses(
  memory: FilteredMemory,
  filters: readonly FilterConfig[],
): boolean {
  return decide(filters, (filter) => isOfType(memory, filter));
}

/** Whether filters let memory pass that is nobody's, and so of no kind. */
export function freeMemoryPasses(filters: readonly FilterConfig[]): boolean {
  return decide(filters, () => false);
}

/**
 * Whether filters of the core layer let this region pass. The region lies wholly inside or
 * outside of each address range: see {@link findFilterEdge}.
 */
export function regionFilterPasses(
  region: Range,
  targetIndex: number,
  filters: readonly FilterConfig[],
): boolean {
  return decide(filters, (filter) =>
    filter.type === 'target'
      ? filter.targetIndex === targetIndex
      : filter.addrRange.start <= region.start && region.end <= filter.addrRange.end,
  );
}

/** Where an address filter's edge cuts the region; undefined = nowhere. */
export function findFilterEdge(
  region: Range,
  filters: readonly FilterConfig[],
): number | undefined {
  return filters
    .filter(({ type }) => type === 'addr')
    .flatMap(({ addrRange }) => [addrRange.start, addrRange.end])
    .map((edge) => Math.floor(edge / PAGE_BYTES) * PAGE_BYTES)
    .filter((edge) => region.start < edge && edge < region.end)
    .sort((left, right) => left - right)[0];
}
