import { isCoreFilter, MIGRATE_ACTIONS } from './spec.ts';
import type { Action, ContextSpec, FilterSpec, Operations, SchemeSpec } from './spec.ts';

const PHYSICAL_ACTIONS: readonly Action[] = [
  'pageout',
  'lru_prio',
  'lru_deprio',
  'migrate_hot',
  'migrate_cold',
  'stat',
];
const VIRTUAL_ACTIONS: readonly Action[] = [
  'willneed',
  'cold',
  'pageout',
  'hugepage',
  'nohugepage',
  'collapse',
  'migrate_hot',
  'migrate_cold',
  'stat',
];

function isPhysical(operations: Operations): boolean {
  return operations === 'paddr';
}

/** For people: what the operations are about. */
function describeMemory(operations: Operations): string {
  return isPhysical(operations) ? 'physical memory (paddr)' : `memory of processes (${operations})`;
}

/** Source: damon_va_apply_scheme() in mm/damon/vaddr.c, damon_pa_apply_scheme() in mm/damon/paddr.c */
function findActionProblem(scheme: SchemeSpec, operations: Operations): string | undefined {
  const actions = isPhysical(operations) ? PHYSICAL_ACTIONS : VIRTUAL_ACTIONS;
  if (actions.includes(scheme.action)) return undefined;
  return `the kernel does nothing for ${scheme.action} with ${describeMemory(operations)}; there it has ${actions.join(', ')}`;
}

/** All filters of a scheme, in the order of judgement where it has layers. */
export function listFilters(
  scheme: Pick<SchemeSpec, 'filters' | 'coreFilters' | 'opsFilters'>,
): readonly FilterSpec[] {
  const { filters = [], coreFilters = [], opsFilters = [] } = scheme;
  return [...coreFilters, ...opsFilters, ...filters];
}

/** The first filter that is judged page by page. */
export function findOpsFilter(scheme: SchemeSpec): FilterSpec | undefined {
  return listFilters(scheme).find((filter) => !isCoreFilter(filter));
}

/** Virtual memory is walked page by page only for these; for all others whole ranges are advised. */
const PAGEWISE_VIRTUAL_ACTIONS: readonly Action[] = [...MIGRATE_ACTIONS, 'stat'];

function findFilterProblem(scheme: SchemeSpec, operations: Operations): string | undefined {
  const filter = findOpsFilter(scheme);
  if (filter?.type === 'memcg' && filter.memcgPath?.startsWith('/') !== true) {
    return `found the control group "${filter.memcgPath ?? ''}", expected a path from the root of the hierarchy, as in "/system.slice"`;
  }
  if (filter === undefined || isPhysical(operations)) return undefined;
  if (PAGEWISE_VIRTUAL_ACTIONS.includes(scheme.action)) return undefined;
  return `the kernel does not judge a filter by ${filter.type} when it does ${scheme.action} with ${describeMemory(operations)}: it would do so with all of it; use paddr`;
}

/** What the kernel takes without a word, and then never does anything by. */
function findPatternProblem(
  { accessPattern, applyIntervalUs = 0 }: SchemeSpec,
  { sampleIntervalUs, aggrIntervalUs }: ContextSpec['intervals'],
): string | undefined {
  const samples = BigInt(Math.floor(aggrIntervalUs / Math.max(1, sampleIntervalUs)));
  if (accessPattern.nrAccesses.min > samples) {
    return `at least ${accessPattern.nrAccesses.min} samples with an access fit nothing: an aggregation interval has ${samples}`;
  }
  if (applyIntervalUs > 0 && applyIntervalUs < sampleIntervalUs) {
    return `the apply interval (${applyIntervalUs} us) is shorter than the sampling interval (${sampleIntervalUs} us)`;
  }
  return undefined;
}

function findGoalProblem({ quotas }: SchemeSpec): string | undefined {
  const isWithout = (quotas.goals ?? []).some(({ targetValue }) => targetValue === 0n);
  return isWithout ? 'a quota goal with the target 0 is passed over by the kernel' : undefined;
}

/**
 * Why a scheme would do nothing, or something else than it says, in any kernel: those take all of it
 * without a word. Empty where it is sound.
 */
export function listSchemeProblems(
  scheme: SchemeSpec,
  { operations, intervals }: Pick<ContextSpec, 'operations' | 'intervals'>,
): readonly string[] {
  return [
    findActionProblem(scheme, operations),
    findFilterProblem(scheme, operations),
    findPatternProblem(scheme, intervals),
    findGoalProblem(scheme),
  ].filter((problem) => problem !== undefined);
}
