import type { ContractCase } from '../../../contract/contractKernel.ts';
import { AGREEMENT_CASES } from './agreementCases.ts';
import { COMMAND_CASES } from './commandCases.ts';
import { COEXIST_CASES } from './coexistCases.ts';
import { DAMON_STAT_CASES } from './damonStatCases.ts';
import { FAULT_CASES } from './faultCases.ts';
import { FOREIGN_CASES } from './foreignCases.ts';
import { OWN_CASES } from './ownCases.ts';
import { WORKING_SET_CASES } from './workingSetCases.ts';

/** What the built program does on a stock kernel, seen from outside. */
export const SERVE_CASES: readonly ContractCase[] = [
  ...DAMON_STAT_CASES,
  ...COMMAND_CASES,
  ...FOREIGN_CASES,
  ...OWN_CASES,
  ...COEXIST_CASES,
  ...WORKING_SET_CASES,
  ...AGREEMENT_CASES,
  ...FAULT_CASES,
];
