import { EXIT_STATUS } from '../base/errors.ts';
import { diagnose } from '../kernel/diagnose.ts';
import type { Diagnosis, Severity } from '../kernel/diagnose.ts';
import type { PathArguments } from './options.ts';
import { createBusyRetry, openMachineKernel } from './kernelAccess.ts';

export interface DoctorArguments extends PathArguments {
  readonly json: boolean;
}

const MARKS: Readonly<Record<Severity, string>> = {
  ok: 'ok      ',
  note: 'note    ',
  warning: 'warning ',
  problem: 'problem ',
};

function formatDiagnosis({ findings, sources, isUsable }: Diagnosis): string {
  const lines = findings.flatMap(({ severity, summary, advice }) => [
    `${MARKS[severity]} ${summary}`,
    ...(advice === undefined ? [] : [`          -> ${advice}`]),
  ]);
  const sourceLines = sources.map(
    ({ name, problem }) => `  ${name.padEnd(10)} ${problem ?? 'can be used'}`,
  );
  const verdict = isUsable
    ? 'Snapshots can be had here.'
    : 'No source of snapshots can be used here as things are.';
  return [...lines, '', 'Sources, best first:', ...sourceLines, '', verdict, ''].join('\n');
}

/** Prints what was found; the exit status says whether any source can be used. */
export async function runDoctor(args: DoctorArguments): Promise<void> {
  const { fs } = openMachineKernel(args);
  const diagnosis = await diagnose(fs, createBusyRetry().retry);
  process.stdout.write(
    args.json ? `${JSON.stringify(diagnosis, undefined, 2)}\n` : formatDiagnosis(diagnosis),
  );
  if (!diagnosis.isUsable) process.exitCode = EXIT_STATUS.kernel;
}
