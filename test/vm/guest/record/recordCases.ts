import type { ContractCase } from '../../../contract/contractKernel.ts';
import { COMMAND_CASES } from './commandCases.ts';
import { MEMORY_CASES } from './memoryCases.ts';

/** What `record` does on a stock kernel, seen from outside. */
export const RECORD_CASES: readonly ContractCase[] = [...COMMAND_CASES, ...MEMORY_CASES];
