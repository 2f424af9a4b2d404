import type { Logger } from '../../base/log.ts';
import { KernelError, isKernelErrno } from '../../base/errors.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { readSystemRam } from '../../kernel/memory.ts';
import { removeStaleInstances } from '../../kernel/trace/instanceNames.ts';
import { checkFree } from '../../reconcile/freeDamon.ts';
import type { Takeover } from '../../reconcile/freeDamon.ts';
import { startOwnedKdamonds } from '../../reconcile/ownedKdamonds.ts';
import type { StartOptions } from '../../reconcile/ownedKdamonds.ts';
import type { OwnedKdamonds } from '../../reconcile/ownedSet.ts';
import type { OwnDescription } from '../../collect/ownDescriptions.ts';
import type { OwnershipDeps } from '../../reconcile/ownershipDeps.ts';
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
  /** Names of its schemes; undefined where nobody named any. */
  readonly describe: (index: number) => OwnDescription | undefined;
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
    create: () => true,
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
    if (!(error instanceof KernelError)) throw error;
    const reason = error.message;
    // Without tracefs or the right to change it there is nothing this exporter could have left.
    if (isKernelErrno(error, 'ENOENT', 'EACCES', 'EPERM', 'EROFS', 'ENOTDIR')) return;
    logger.warn('could not look for trace instances of exporters that died', { reason });
  }
}

export function parseTakeover(words: readonly string[]): Takeover {
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

/** What everybody needs who changes something in the kernel. */
export interface OwnKernel {
  readonly deps: OwnershipDeps;
  readonly countBusyRetries: () => number;
  /** Cleans up after an exporter that died. */
  cleanUp(): Promise<void>;
  /** The same; what a start is to be told then. */
  prepare(): Promise<Omit<StartOptions, 'specs'>>;
}

export function createOwnKernel(
  args: Pick<CollectingArguments, 'source' | 'state.file' | 'takeover'>,
  fs: KernelFs,
  logger: Logger,
): OwnKernel {
  const isSimulated = args.source === 'simulator';
  const store = isSimulated ? createVolatileStore() : createOwnershipFile(args['state.file']);
  const { retry, count } = createBusyRetry();
  const deps = { fs, retry, logger, store };
  const cleanUp = async (): Promise<void> => {
    removeStaleTraces(fs, logger);
    const isAlive = isSameProcess.bind(undefined, fs);
    if (store.read() !== undefined) {
      await cleanUpAfterCrash(deps, { bootId: readBootId(fs), isAlive });
    }
  };
  return {
    deps,
    countBusyRetries: count,
    cleanUp,
    prepare: async () => {
      await cleanUp();
      return {
        bootId: readBootId(fs),
        exporter: readOwnIdentity(fs),
        takeover: parseTakeover(args.takeover ?? []),
      };
    },
  };
}

export function createOwnMonitoring(
  args: CollectingArguments,
  fs: KernelFs,
  logger: Logger,
): OwnMonitoring {
  const context = parseMonitoring(args, () => readSystemRam(fs));
  const own = createOwnKernel(args, fs, logger);
  let owned: OwnedKdamonds | undefined;
  const prepare = async (): Promise<Omit<StartOptions, 'specs'>> => {
    const options = await own.prepare();
    if (context !== undefined) await checkFree(own.deps, options.takeover);
    return options;
  };
  return {
    listOwnIndexes: () => (owned === undefined ? NONE : new Set(owned.list().keys())),
    targetPids: (context?.targets ?? []).flatMap(({ pid }) => pid ?? []),
    getKdamondPid: () => owned?.list()[0]?.pid,
    countBusyRetries: own.countBusyRetries,
    describe: () => undefined,
    prepare: async () => {
      await prepare();
    },
    start: async () => {
      // Who only looks starts whatever the kernel answers.
      if (context === undefined) {
        await own.cleanUp();
        return;
      }
      const options = await prepare();
      owned = await startOwnedKdamonds(own.deps, { ...options, specs: [{ contexts: [context] }] });
      logStarted(logger, owned);
    },
    stop: async () => {
      await owned?.release();
    },
  };
}
