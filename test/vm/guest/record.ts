import { createGuestKernel } from './guestKernel.ts';
import { restoreStock } from './kernelState.ts';
import { stopPrograms } from './program.ts';
import { RECORD_CASES } from './record/recordCases.ts';
import { createReport } from './report.ts';
import { runCases } from './runCases.ts';

await runCases(
  RECORD_CASES,
  createGuestKernel(),
  async (kernel) => {
    await stopPrograms();
    await restoreStock(kernel);
  },
  createReport(),
);
process.exit(0);
