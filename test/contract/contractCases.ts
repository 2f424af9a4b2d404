import { COMMIT_CASES } from './cases/commitCases.ts';
import { MODULE_CASES } from './cases/moduleCases.ts';
import { PARSING_CASES } from './cases/parsingCases.ts';
import { START_CASES } from './cases/startCases.ts';
import { STATE_CASES } from './cases/stateCases.ts';
import { STATS_CASES } from './cases/statsCases.ts';
import { TARGET_CASES } from './cases/targetCases.ts';
import { TRACE_CASES } from './cases/traceCases.ts';
import { TRACE_EVENT_CASES } from './cases/traceEventCases.ts';
import { TREE_CASES } from './cases/treeCases.ts';
import { PROBE_CASES } from './cases/probeCases.ts';
import { TRIED_REGIONS_CASES } from './cases/triedRegionsCases.ts';
import type { ContractCase } from './contractKernel.ts';

/** What a DAMON kernel does, as far as this program relies on it. */
export const CONTRACT_CASES: readonly ContractCase[] = [
  ...TREE_CASES,
  ...PARSING_CASES,
  ...START_CASES,
  ...STATE_CASES,
  ...COMMIT_CASES,
  ...STATS_CASES,
  ...TRIED_REGIONS_CASES,
  ...PROBE_CASES,
  ...TARGET_CASES,
  ...TRACE_CASES,
  ...TRACE_EVENT_CASES,
  ...MODULE_CASES,
].sort((a, b) => Number(b.isAtBoot ?? false) - Number(a.isAtBoot ?? false));
