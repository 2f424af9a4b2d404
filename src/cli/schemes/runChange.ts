import { KernelError } from '../../base/errors.ts';
import { KDAMONDS } from '../../kernel/kdamonds.ts';
import { adoptKdamonds } from '../../reconcile/adoptKdamonds.ts';
import { refuseStart } from '../../reconcile/freeDamon.ts';
import { startOwnedKdamonds } from '../../reconcile/ownedKdamonds.ts';
import type { KdamondOutcome, OwnedKdamonds } from '../../reconcile/ownedSet.ts';
import type { OwnershipRecord } from '../../reconcile/ownership.ts';
import type { OwnershipDeps } from '../../reconcile/ownershipDeps.ts';
import { createOwnKernel } from '../collecting/ownMonitoring.ts';
import type { OwnKernel } from '../collecting/ownMonitoring.ts';
import { createStderrLogger } from '../createStderrLogger.ts';
import { openMachineKernel } from '../kernelAccess.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import type { ChangingArguments } from './changingOptions.ts';
import { printPlan } from './runPlan.ts';
import { readWantedKdamonds } from './wantedKdamonds.ts';
import type { WantedKdamond } from './wantedKdamonds.ts';

/** `start` wants nothing to be there, `tune` something of ours; `apply` takes it as it comes. */
export type ChangeCommand = 'start' | 'tune' | 'apply';

export interface ChangeArguments extends ChangingArguments {
  readonly 'dry-run': boolean;
}

const count = (nr: number, what: string): string => `${nr} ${what}${nr === 1 ? '' : 's'}`;

function formatDone(
  owned: OwnedKdamonds,
  wanted: readonly WantedKdamond[],
  outcomes: readonly KdamondOutcome[],
): string {
  const kdamonds = owned.list();
  return wanted
    .map(({ name, missing }, index) => {
      const running = kdamonds[index];
      const title = `kdamond ${index}${name === String(index) ? '' : ` "${name}"`}`;
      if (running === undefined)
        return `${title}: nothing there to monitor (${missing.join(', ')})\n`;
      const [context] = running.spec.contexts;
      const parts = [
        outcomes[index] ?? 'unchanged',
        `pid ${running.pid}`,
        context?.operations ?? '',
        count(context?.targets.length ?? 0, 'target'),
        count(context?.schemes.length ?? 0, 'scheme'),
        ...missing.map((what) => `not there: ${what}`),
      ];
      return `${title}: ${parts.join(', ')}\n`;
    })
    .join('');
}

function checkAnything({ fs }: OwnershipDeps, wanted: readonly WantedKdamond[]): void {
  if (wanted.some(({ spec }) => spec !== undefined)) return;
  const missing = wanted.flatMap((one) => one.missing).join(', ');
  throw new KernelError({
    operation: 'start a kdamond in',
    path: fs.describePath(KDAMONDS),
    hint: `nothing there to monitor (${missing}); "serve --config.file" waits for it`,
  });
}

/** What was left running on purpose; undefined where there is nothing, and may be nothing. */
function checkCommand(
  command: ChangeCommand,
  { fs, store }: OwnershipDeps,
): OwnershipRecord | undefined {
  const left = store.read();
  if (left?.isKept === true) return left;
  if (command !== 'tune') return undefined;
  refuseStart(
    fs,
    left === undefined
      ? `nothing that this program left running is there (${store.location}); start it first`
      : `process ${left.exporter.pid} is an exporter with kdamonds of its own (${store.location}); change its configuration file and send it SIGHUP`,
  );
}

export interface Change {
  readonly command: ChangeCommand;
  readonly own: OwnKernel;
  readonly wanted: readonly WantedKdamond[];
}

/**
 * Makes the kernel do what is wanted, and leaves it at that: it goes on when this program ends.
 *
 * @returns what was done, for people.
 * @throws KernelError; what ran before runs on, or the message says what else.
 */
export async function changeKept({ command, own, wanted }: Change): Promise<string> {
  const { deps } = own;
  const base = await own.prepare();
  const kept = checkCommand(command, deps);
  checkAnything(deps, wanted);
  const specs = wanted.map(({ spec }) => spec);
  if (kept === undefined || command === 'start') {
    const owned = await startOwnedKdamonds(deps, { ...base, specs });
    owned.keep();
    return formatDone(
      owned,
      wanted,
      specs.map(() => 'started'),
    );
  }
  const owned = await adoptKdamonds(deps, kept);
  const outcomes = await owned.change(specs);
  return formatDone(owned, wanted, outcomes);
}

/** @throws UsageError, ConfigError, KernelError. */
export async function runChange(
  command: ChangeCommand,
  args: ChangeArguments,
  kernel: Pick<KernelAccess, 'fs'> = openMachineKernel(args),
): Promise<void> {
  const { fs } = kernel;
  const wanted = await readWantedKdamonds(args, fs);
  const own = createOwnKernel({ ...args, source: 'auto' }, fs, createStderrLogger(args));
  if (args['dry-run']) {
    checkCommand(command, own.deps);
    await printPlan({ args, deps: own.deps, wanted });
    return;
  }
  process.stderr.write(await changeKept({ command, own, wanted }));
}
