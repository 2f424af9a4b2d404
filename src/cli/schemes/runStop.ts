import { KernelError } from '../../base/errors.ts';
import { listIndexes } from '../../kernel/attribute.ts';
import { KDAMONDS } from '../../kernel/kdamonds.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import type { OwnershipRecord } from '../../reconcile/ownership.ts';
import { undoOwnership } from '../../reconcile/undoOwnership.ts';
import type { OwnKdamondArguments } from '../collecting/collectingOptions.ts';
import { createOwnKernel } from '../collecting/ownMonitoring.ts';
import type { OwnKernel } from '../collecting/ownMonitoring.ts';
import { createStderrLogger } from '../createStderrLogger.ts';
import { openMachineKernel } from '../kernelAccess.ts';
import type { LogArguments, PathArguments } from '../options.ts';

export interface StopArguments
  extends PathArguments, LogArguments, Pick<OwnKdamondArguments, 'state.file'> {
  readonly 'dry-run': boolean;
}

function refuseStop(fs: KernelFs, hint: string): never {
  throw new KernelError({ operation: 'stop', path: fs.describePath(KDAMONDS), hint });
}

function describeKdamonds({ kdamonds }: OwnershipRecord): string {
  const titles = kdamonds.map(({ pid }, index) =>
    pid === undefined ? `${index} (not running)` : `${index} (pid ${pid})`,
  );
  return `kdamond ${titles.join(', ')}`;
}

/**
 * Ends what `start`, `apply`, or an exporter told to leave its kdamonds running, has left, and
 * leaves the kernel as it was found before.
 *
 * @param isDry Tells only what it would do.
 * @returns what was done, for people.
 * @throws KernelError for what is somebody else's.
 */
export async function stopKept(own: OwnKernel, isDry: boolean): Promise<string> {
  const { deps } = own;
  const { fs, store } = deps;
  if (!isDry) await own.prepare();
  const left = store.read();
  if (left === undefined) {
    const nrOthers = listIndexes(fs, KDAMONDS).length;
    if (nrOthers === 0) return 'nothing to stop\n';
    refuseStop(
      fs,
      `this program left nothing running (${store.location}); what is there (${nrOthers}) is somebody else's, to be stopped with what started it`,
    );
  }
  if (!left.isKept) {
    refuseStop(
      fs,
      `they are those of an exporter, process ${left.exporter.pid} (${store.location}); stop that process`,
    );
  }
  const what = describeKdamonds(left);
  if (isDry) return `would stop ${what}, and leave the kernel as it was found\n`;
  if (await undoOwnership(deps, left)) return `stopped ${what}; the kernel is as it was found\n`;
  refuseStop(fs, `somebody else has changed ${what} meanwhile; they are left alone`);
}

/** @throws KernelError, ExporterError for the state file. */
export async function runStop(args: StopArguments): Promise<void> {
  const { fs } = openMachineKernel(args);
  const own = createOwnKernel({ ...args, source: 'auto' }, fs, createStderrLogger(args));
  process.stderr.write(await stopKept(own, args['dry-run']));
}
