import { createGuestKernel } from './guestKernel.ts';
import { createReport } from './report.ts';
import { runCases } from './runCases.ts';
import { stopPrograms } from './program.ts';
import { restoreStock } from './kernelState.ts';
import { SERVE_CASES } from './serve/serveCases.ts';

await runCases(
  SERVE_CASES,
  createGuestKernel(),
  async (kernel) => {
    await stopPrograms();
    await restoreStock(kernel);
  },
  createReport(),
);
process.exit(0);
