import { createGuestKernel } from './guestKernel.ts';
import { createReport } from './report.ts';
import { runCases } from './runCases.ts';
import { stopPrograms } from './program.ts';
import { restoreStock } from './kernelState.ts';
import { PRIVILEGE_CASES } from './privileges/privilegeCases.ts';

await runCases(
  PRIVILEGE_CASES,
  createGuestKernel(),
  async (kernel) => {
    await stopPrograms();
    await restoreStock(kernel);
  },
  createReport(),
);
process.exit(0);
