import { createGuestKernel } from './guestKernel.ts';
import { createReport } from './report.ts';
import { runCases } from './runCases.ts';
import { stopExporters } from './serve/exporter.ts';
import { restoreStock } from './serve/kernelState.ts';
import { SERVE_CASES } from './serve/serveCases.ts';

await runCases(
  SERVE_CASES,
  createGuestKernel(),
  async (kernel) => {
    await stopExporters();
    await restoreStock(kernel);
  },
  createReport(),
);
process.exit(0);
