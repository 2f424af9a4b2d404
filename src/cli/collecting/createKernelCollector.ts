import { systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import { Collector } from '../../collect/collector.ts';
import type { CollectorOptions } from '../../collect/collector.ts';
import { createOpeners } from '../../collect/openers.ts';
import { createMachineReader } from '../../collect/readMachine.ts';
import type { SourceName } from '../../damon/observation.ts';
import { createBusyRetry } from '../kernelAccess.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import type { CollectingArguments } from './collectingOptions.ts';
import type { OwnMonitoring } from './ownMonitoring.ts';

export interface KernelCollectorOptions extends Pick<
  CollectorOptions,
  'sinks' | 'onMachine' | 'pollIntervalMs' | 'idleAfterMs'
> {
  readonly args: Pick<CollectingArguments, 'source' | 'simulator.source'>;
  /** What `auto` chooses from, best first. */
  readonly sourceNames: readonly SourceName[];
  readonly kernel: KernelAccess;
  readonly own: OwnMonitoring;
  readonly logger: Logger;
  readonly sysfsIntervalMs: number;
  readonly traceBufferKb: number;
}

const MACHINE_INTERVAL_MS = 1000;
const SOURCE_RETRY_MS = 10_000;

/** A collector over the kernel that is looked at, by the sources the command line allows. */
export function createKernelCollector(options: KernelCollectorOptions): Collector {
  const { args, kernel, own, sourceNames } = options;
  const { retry, count } = createBusyRetry();
  const { listOwnIndexes } = own;
  const chosen = args.source === 'simulator' ? args['simulator.source'] : args.source;
  const openerOptions = { ...options, ...kernel, retry, pid: process.pid, listOwnIndexes };
  return new Collector({
    ...options,
    clock: kernel.clock,
    hostClock: systemClock,
    readMachine: createMachineReader({
      fs: kernel.fs,
      hostClock: systemClock,
      retry,
      listOwnIndexes,
      describeOwn: own.describe,
    }),
    openers: createOpeners(openerOptions, chosen === 'auto' ? sourceNames : [chosen]),
    countBusyRetries: () => count() + own.countBusyRetries(),
    machineIntervalMs: MACHINE_INTERVAL_MS,
    sourceRetryMs: SOURCE_RETRY_MS,
  });
}
