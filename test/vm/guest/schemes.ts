import { createGuestKernel } from './guestKernel.ts';
import { restoreStock } from './kernelState.ts';
import { stopPrograms } from './program.ts';
import { createReport } from './report.ts';
import { runCases } from './runCases.ts';
import { switchOnSwap } from './schemes/machine.ts';
import { SCHEMES_CASES } from './schemes/schemesCases.ts';

const kernel = createGuestKernel();
switchOnSwap(kernel.release);
await runCases(
  SCHEMES_CASES,
  kernel,
  async () => {
    await stopPrograms();
    await restoreStock(kernel);
  },
  createReport(),
);
process.exit(0);
