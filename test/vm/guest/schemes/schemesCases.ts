import type { ContractCase } from '../../../contract/contractKernel.ts';
import { CGROUP_CASES } from './cgroupCases.ts';
import { COMMAND_LINE_CASES } from './commandLineCases.ts';
import { GOAL_CASES } from './goalCases.ts';
import { KILLED_CASES } from './killedCases.ts';
import { PAGEOUT_CASES } from './pageoutCases.ts';
import { RELOAD_CASES } from './reloadCases.ts';
import { SPLIT_CASES } from './splitCases.ts';
import { TROUBLE_CASES } from './troubleCases.ts';

/** What `serve --config.file`, and the commands for schemes, make a stock kernel do. */
export const SCHEMES_CASES: readonly ContractCase[] = [
  ...PAGEOUT_CASES,
  ...RELOAD_CASES,
  ...GOAL_CASES,
  ...SPLIT_CASES,
  ...CGROUP_CASES,
  ...TROUBLE_CASES,
  ...KILLED_CASES,
  ...COMMAND_LINE_CASES,
];
