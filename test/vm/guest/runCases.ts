import { describeError } from '../../../src/base/errors.ts';
import type { ContractCase, ContractKernel } from '../../contract/contractKernel.ts';
import { hasCapability } from '../../contract/damonFiles.ts';
import type { Report } from './report.ts';

/** What became of one case: `error` when it did not hold. */
export interface CaseReport {
  readonly name: string;
  readonly durationMs: number;
  readonly error?: string;
}

async function tryCase(
  { isAtBoot, run }: ContractCase,
  kernel: ContractKernel,
  prepare: (kernel: ContractKernel) => Promise<void>,
): Promise<unknown> {
  try {
    if (isAtBoot !== true) await prepare(kernel);
    await run(kernel);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** Runs the cases this kernel can hold, one after the other, and reports each as it ends. */
export async function runCases(
  cases: readonly ContractCase[],
  kernel: ContractKernel,
  prepare: (kernel: ContractKernel) => Promise<void>,
  report: Report,
): Promise<void> {
  for (const one of cases) {
    if (one.needs?.some((id) => !hasCapability(kernel, id)) === true) continue;
    const startMs = performance.now();
    const error = await tryCase(one, kernel, prepare);
    const durationMs = Math.round(performance.now() - startMs);
    // The stack tells the line of the case.
    const text = error instanceof Error ? (error.stack ?? error.message) : describeError(error);
    const result: CaseReport = {
      name: one.name,
      durationMs,
      ...(error !== undefined && { error: text }),
    };
    report(result);
  }
}
