import { systemClock } from '../base/clock.ts';
import { KernelError } from '../base/errors.ts';
import { createMachineReader } from '../collect/readMachine.ts';
import type { PathArguments } from './options.ts';
import { createBusyRetry, openMachineKernel } from './kernelAccess.ts';
import { encodeReading, formatStatus } from './formatStatus.ts';

export interface StatusArguments extends PathArguments {
  readonly json: boolean;
}

/**
 * Prints what DAMON does here, from one reading.
 *
 * @throws KernelError when a part could not be read; what could be is printed before.
 */
export async function runStatus(args: StatusArguments): Promise<void> {
  const { fs } = openMachineKernel(args);
  const { retry } = createBusyRetry();
  const reading = await createMachineReader({
    fs,
    hostClock: systemClock,
    retry,
    listOwnIndexes: () => new Set(),
  })();
  process.stdout.write(args.json ? encodeReading(reading) : formatStatus(reading));
  const problems = reading.parts.flatMap(({ problem }) => problem ?? []);
  if (problems.length === 0) return;
  throw new KernelError({
    operation: 'read all of DAMON on',
    path: 'this machine',
    hint: `${problems.join('; ')}; the doctor command says what can be done`,
  });
}
