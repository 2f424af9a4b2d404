import { describeError } from '../../../src/base/errors.ts';
import { CONTRACT_CASES } from '../../contract/contractCases.ts';
import { hasCapability, resetDamon } from '../../contract/damonFiles.ts';
import { createGuestKernel } from './guestKernel.ts';
import { createReport } from './report.ts';

/** What became of one case: `error` when it did not hold. */
export interface CaseReport {
  readonly name: string;
  readonly durationMs: number;
  readonly error?: string;
}

const kernel = createGuestKernel();
const report = createReport();

for (const { name, needs, isAtBoot, run } of CONTRACT_CASES) {
  if (needs?.some((id) => !hasCapability(kernel, id)) === true) continue;
  const startMs = performance.now();
  const finish = (error?: unknown): void => {
    const durationMs = Math.round(performance.now() - startMs);
    // The stack tells the line of the case.
    const text = error instanceof Error ? (error.stack ?? error.message) : describeError(error);
    const result: CaseReport = { name, durationMs, ...(error !== undefined && { error: text }) };
    report(result);
  };
  try {
    if (isAtBoot !== true) await resetDamon(kernel);
    await run(kernel);
    finish();
  } catch (error) {
    finish(error);
  }
}
process.exit(0);
