import type { Clock } from '../base/clock.ts';
import { KernelError } from '../base/errors.ts';
import type { SourceName } from '../damon/observation.ts';
import type { BusyRetry } from '../kernel/busyRetry.ts';
import type { KernelFs } from '../kernel/kernelFs.ts';
import { getParametersPath, readDamonStat } from '../kernel/modules.ts';
import { createTraceReader } from '../kernel/trace/traceReader.ts';
import type { SnapshotSource, SourceReading } from './source.ts';
import type { SourceOpener } from './sourceChooser.ts';
import { openSysfsSource } from './sysfsSource.ts';

export interface OpenerOptions {
  readonly fs: KernelFs;
  readonly clock: Clock;
  readonly retry: BusyRetry;
  /** Of this process: part of the trace instance's name. */
  readonly pid: number;
  readonly traceBufferKb: number;
  readonly sysfsIntervalMs: number;
  readonly listOwnIndexes: () => ReadonlySet<number>;
}

function openTraceSource(options: OpenerOptions): SnapshotSource {
  const { fs, clock, pid, traceBufferKb } = options;
  const reader = createTraceReader({ fs, clock, pid, bufferSizeKb: traceBufferKb });
  /** Of the last two polls: events of one may come with the next. */
  let lossTotals: readonly number[] = [NaN, NaN];
  const poll = (): SourceReading => {
    const { snapshots, malformedPages, ...rest } = reader.poll();
    const lossTotal = rest.lostEvents + rest.spoiledSnapshots + malformedPages;
    const isGapless = lossTotals.every((total) => total === lossTotal);
    lossTotals = [lossTotals[1] ?? NaN, lossTotal];
    const traits = { isInAddrUnits: true, isGapless, isSelected: false };
    const aggregations = snapshots.map((one) => ({ ...one, ...traits }));
    return { aggregations, ...rest };
  };
  return {
    name: 'trace',
    poll,
    drain: poll,
    close: () => {
      reader.close();
    },
  };
}

/** DAMON_STAT's parameters are read with the machine; they hold no regions to poll for. */
const NO_REGIONS: SourceReading = {
  aggregations: [],
  tunedSampleIntervals: [],
  lostEvents: 0,
  spoiledSnapshots: 0,
};

function openDamonStatSource(fs: KernelFs): SnapshotSource {
  const state = readDamonStat(fs);
  if (state?.isEnabled !== true) {
    throw new KernelError({
      operation: 'use DAMON_STAT at',
      path: fs.describePath(getParametersPath('damon_stat')),
      hint:
        state === undefined
          ? 'this kernel does not have it (it came with 6.17)'
          : 'it is switched off; write Y to its parameter "enabled" to have it',
    });
  }
  return { name: 'damon_stat', poll: () => NO_REGIONS, close: () => undefined };
}

/** The sources to try, best first. Just one name leaves no choice. */
export function createOpeners(
  options: OpenerOptions,
  names: readonly SourceName[],
): readonly SourceOpener[] {
  const open = {
    trace: () => openTraceSource(options),
    sysfs: () => openSysfsSource({ ...options, intervalMs: options.sysfsIntervalMs }),
    damon_stat: () => openDamonStatSource(options.fs),
  } as const satisfies Record<SourceName, () => SnapshotSource>;
  return names.map((name) => ({ name, open: open[name] }));
}
