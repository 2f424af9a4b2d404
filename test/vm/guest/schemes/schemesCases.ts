import type { ContractCase } from '../../../contract/contractKernel.ts';
import { GOAL_CASES } from './goalCases.ts';
import { PAGEOUT_CASES } from './pageoutCases.ts';
import { RELOAD_CASES } from './reloadCases.ts';
import { TROUBLE_CASES } from './troubleCases.ts';

/** What `serve --config.file` makes a stock kernel do. */
export const SCHEMES_CASES: readonly ContractCase[] = [
  ...PAGEOUT_CASES,
  ...RELOAD_CASES,
  ...GOAL_CASES,
  ...TROUBLE_CASES,
];
