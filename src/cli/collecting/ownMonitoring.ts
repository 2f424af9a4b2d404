import type { Logger } from '../../base/log.ts';
import { isKernelErrno } from '../../base/errors.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { readSystemRam } from '../../kernel/memory.ts';
import { removeStaleInstances } from '../../kernel/trace/instanceNames.ts';
import { checkFree } from '../../reconcile/freeDamon.ts';
import type { Takeover } from '../../reconcile/freeDamon.ts';
import { startOwnedKdamonds } from '../../reconcile/ownedKdamonds.ts';
import type { OwnedKdamonds } from '../../reconcile/ownedKdamonds.ts';
import type { OwnershipStore } from '../../reconcile/ownership.ts';
import { cleanUpAfterCrash } from '../../reconcile/undoOwnership.ts';
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
  /**
   * Cleans up after an exporter that died; throws what would keep a kdamond from being started, as
   * far as can be seen without starting it.
   */
  prepare(): Promise<void>;
  /** Starts what was asked for, prepared. */
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

function parseTakeover(words: readonly string[]): Takeover {
  return {
    damonStat: words.includes('damon_stat'),
    stoppedKdamonds: words.includes('stopped_kdamonds'),
  };
}

function logStarted(logger: Logger, owned: OwnedKdamonds): void {
  for (const kdamond of owned.list()) {
    if (kdamond === undefined) continue;
    const { index, pid, spec } = kdamond;
    const operations = spec.contexts.map((context) => context.operations).join(' ');
    logger.info('started a kdamond', { kdamond: index, pid, operations });
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
  const takeover = parseTakeover(args.takeover ?? []);
  let owned: OwnedKdamonds | undefined;
  const prepare = async (): Promise<void> => {
    removeStaleTraces(fs, logger);
    const isAlive = isSameProcess.bind(undefined, fs);
    if (store.read() !== undefined) {
      await cleanUpAfterCrash(deps, { bootId: readBootId(fs), isAlive });
    }
    if (context !== undefined) await checkFree(deps, takeover);
  };
  return {
    listOwnIndexes: () => (owned === undefined ? NONE : new Set(owned.list().keys())),
    targetPids: (context?.targets ?? []).flatMap(({ pid }) => pid ?? []),
    getKdamondPid: () => owned?.list()[0]?.pid,
    countBusyRetries: count,
    prepare,
    start: async () => {
      await prepare();
      if (context === undefined) return;
      owned = await startOwnedKdamonds(deps, {
        specs: [{ contexts: [context] }],
        bootId: readBootId(fs),
        exporter: readOwnIdentity(fs),
        takeover,
      });
      logStarted(logger, owned);
    },
    stop: async () => {
      await owned?.release();
    },
  };
}
