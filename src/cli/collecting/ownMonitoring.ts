import type { Logger } from '../../base/log.ts';
import { isKernelErrno } from '../../base/errors.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { readSystemRam } from '../../kernel/memory.ts';
import { removeStaleInstances } from '../../kernel/trace/instanceNames.ts';
import { cleanUpAfterCrash, startOwnedKdamond } from '../../reconcile/ownedKdamond.ts';
import type { OwnedKdamond } from '../../reconcile/ownedKdamond.ts';
import type { OwnershipStore } from '../../reconcile/ownership.ts';
import { createBusyRetry, isSameProcess, readBootId, readOwnIdentity } from '../kernelAccess.ts';
import { parseMonitoring } from '../monitoringOptions.ts';
import { createOwnershipFile } from '../ownershipFile.ts';
import type { CollectingArguments } from './collectingOptions.ts';

/** What this run itself makes the kernel do. */
export interface OwnMonitoring {
  /** Sysfs indexes of our kdamonds, as of now. */
  readonly listOwnIndexes: () => ReadonlySet<number>;
  /** Processes the command line asks for; empty for physical memory and for nothing. */
  readonly targetPids: readonly number[];
  /** Of our kdamond's thread; undefined as long as there is none. */
  readonly getKdamondPid: () => number | undefined;
  readonly countBusyRetries: () => number;
  /** Cleans up after an exporter that died, then starts what was asked for. */
  start(): Promise<void>;
  /** Leaves the kernel as it was found. */
  stop(): Promise<void>;
}

const NONE: ReadonlySet<number> = new Set();

/** A simulated kernel ends with this process: there is nothing to clean up later. */
function createVolatileStore(): OwnershipStore {
  return {
    location: 'memory',
    read: () => undefined,
    write: () => undefined,
    remove: () => undefined,
  };
}

function removeStaleTraces(fs: KernelFs, logger: Logger): void {
  try {
    const { removed } = removeStaleInstances(fs);
    if (removed.length > 0) {
      logger.info('removed trace instances of exporters that died', { names: removed.join(' ') });
    }
  } catch (error) {
    // Without tracefs or the right to change it there is nothing this exporter could have left.
    if (!isKernelErrno(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR')) throw error;
  }
}

export function createOwnMonitoring(
  args: CollectingArguments,
  fs: KernelFs,
  logger: Logger,
): OwnMonitoring {
  const context = parseMonitoring(args, () => readSystemRam(fs));
  const isSimulated = args.source === 'simulator';
  const store = isSimulated ? createVolatileStore() : createOwnershipFile(args['state.file']);
  const { retry, count } = createBusyRetry();
  const deps = { fs, retry, logger, store };
  let kdamond: OwnedKdamond | undefined;
  return {
    listOwnIndexes: () => (kdamond === undefined ? NONE : new Set([kdamond.index])),
    targetPids: (context?.targets ?? []).flatMap(({ pid }) => pid ?? []),
    getKdamondPid: () => kdamond?.pid,
    countBusyRetries: count,
    start: async () => {
      removeStaleTraces(fs, logger);
      const isAlive = isSameProcess.bind(undefined, fs);
      if (store.read() !== undefined) {
        await cleanUpAfterCrash(deps, { bootId: readBootId(fs), isAlive });
      }
      if (context === undefined) return;
      kdamond = await startOwnedKdamond(deps, {
        spec: { contexts: [context] },
        bootId: readBootId(fs),
        exporter: readOwnIdentity(fs),
        isTakingOverDamonStat: args.takeover?.includes('damon_stat') === true,
      });
      const { index, pid } = kdamond;
      logger.info('started a kdamond', { kdamond: index, pid, operations: context.operations });
    },
    stop: async () => {
      await kdamond?.release();
    },
  };
}
