import { KernelError, describeError, isKernelErrno } from '../../base/errors.ts';
import { LOW_HALF } from '../../base/uint64Halves.ts';
import type { KernelFs, KernelPath } from '../kernelFs.ts';
import { createCpuStreams } from './cpuStreams.ts';
import type { CpuStreams } from './cpuStreams.ts';
import {
  computeAggregatedLayout,
  computeIntervalsTuneLayout,
  computeProbedLayout,
} from './eventLayout.ts';
import { TRACE_INSTANCES, readInstanceName } from './instanceNames.ts';
import type { PageLayouts } from './ringBufferPage.ts';
import { parseEventFormat, parsePageFormat } from './traceFormat.ts';
import type { EventFormat } from './traceFormat.ts';

const DAMON_EVENTS: KernelPath = 'trace/events/damon';

export interface TraceInstanceOptions {
  readonly fs: KernelFs;
  /** Of this process: a part of the instance's name. */
  readonly pid: number;
  /** Ring buffer of each CPU. */
  readonly bufferSizeKb: number;
}

/** An own tracefs instance in which the wanted DAMON events are on. */
export interface TraceInstance {
  readonly name: string;
  readonly layouts: PageLayouts;
  /** Of a sub-buffer, which is what one read of a stream gives at most. */
  readonly pageSizeBytes: number;
  readonly streams: CpuStreams;
  /** Events of a CPU that were overwritten or dropped, since the instance was made. */
  readLostEvents(cpu: number): number;
  /** Removes the instance and everything the kernel keeps for it. */
  close(): void;
}

/** Why tracefs cannot be used, with what to do about it. */
function explainUnusable(error: unknown, fs: KernelFs, path: KernelPath): KernelError {
  const place = fs.describePath(path);
  const errno = error instanceof KernelError ? error.errno : undefined;
  const hint = ((): string => {
    switch (errno) {
      case 'ENOENT':
      case 'ENOTDIR':
        return 'no tracefs here; mount it ("mount -t tracefs tracefs /sys/kernel/tracing") or use a kernel with CONFIG_FTRACE';
      case 'EACCES':
      case 'EPERM':
        return 'tracefs is closed to this user; run as root, or give the process CAP_DAC_OVERRIDE (a kernel locked down for confidentiality refuses even that)';
      case 'EROFS':
        return 'tracefs is mounted read-only; mount it writable into the container';
      case 'ENOSYS':
      case undefined:
        return `this kernel gives no trace instances (${describeError(error)})`;
      default:
        return 'an own trace instance is needed to read DAMON events';
    }
  })();
  return new KernelError({
    operation: 'use tracefs at',
    path: place,
    ...(errno === undefined ? {} : { errno }),
    hint,
    cause: error,
  });
}

/** @throws KernelError: raw pages are in the machine's byte order, and only one of them is read. */
function checkByteOrder(fs: KernelFs): void {
  if (LOW_HALF === 0) return;
  throw new KernelError({
    operation: 'read trace pages from',
    path: fs.describePath(TRACE_INSTANCES),
    hint: 'only little-endian machines are supported here; use the sysfs source',
  });
}

/** @throws KernelError saying which of tracefs, permission and tracepoints is missing. */
function checkTracefs(fs: KernelFs): void {
  try {
    fs.list(TRACE_INSTANCES);
  } catch (error) {
    throw explainUnusable(error, fs, TRACE_INSTANCES);
  }
  const aggregated: KernelPath = `${DAMON_EVENTS}/damon_aggregated/format`;
  if (fs.exists(aggregated)) return;
  throw new KernelError({
    operation: 'find',
    path: fs.describePath(aggregated),
    hint: 'this kernel has no DAMON tracepoints; use one built with CONFIG_DAMON and tracepoints',
  });
}

function readFormat(fs: KernelFs, path: KernelPath): EventFormat {
  return parseEventFormat(fs.readText(path), fs.describePath(path));
}

function readLayouts(fs: KernelFs, root: KernelPath): PageLayouts {
  const own: KernelPath = `${root}/events/header_page`;
  // Sub-buffers of an instance may differ in size from those of the top level.
  const pagePath = fs.exists(own) ? own : 'trace/events/header_page';
  const aggregatedPath: KernelPath = `${DAMON_EVENTS}/damon_aggregated/format`;
  const tunePath: KernelPath = `${DAMON_EVENTS}/damon_monitor_intervals_tune/format`;
  const probedPath: KernelPath = `${DAMON_EVENTS}/damon_region_aggregated/format`;
  const page = parsePageFormat(fs.readText(pagePath), fs.describePath(pagePath));
  const aggregated = computeAggregatedLayout(
    readFormat(fs, aggregatedPath),
    fs.describePath(aggregatedPath),
  );
  const intervalsTune = fs.exists(tunePath)
    ? computeIntervalsTuneLayout(readFormat(fs, tunePath), fs.describePath(tunePath))
    : undefined;
  const probed = fs.exists(probedPath)
    ? computeProbedLayout(readFormat(fs, probedPath), fs.describePath(probedPath))
    : undefined;
  return { page, events: { aggregated, intervalsTune, probed } };
}

function enableEvents(fs: KernelFs, root: KernelPath, layouts: PageLayouts, sizeKb: number): void {
  fs.writeText(`${root}/trace_clock`, 'mono');
  fs.writeText(`${root}/buffer_size_kb`, String(sizeKb));
  // An instance takes over the options of the top level: with this one off, a full buffer would
  // keep the oldest events and drop new ones without a mark in the pages.
  const overwrite: KernelPath = `${root}/options/overwrite`;
  if (fs.exists(overwrite)) fs.writeText(overwrite, '1');
  const tracingOn: KernelPath = `${root}/tracing_on`;
  if (fs.exists(tracingOn)) fs.writeText(tracingOn, '1');
  const { intervalsTune, probed } = layouts.events;
  if (intervalsTune !== undefined) {
    fs.writeText(`${root}/events/damon/damon_monitor_intervals_tune/enable`, '1');
  }
  if (probed !== undefined) {
    fs.writeText(`${root}/events/damon/damon_region_aggregated/enable`, '1');
  }
  fs.writeText(`${root}/events/damon/damon_aggregated/enable`, '1');
}

/** Sum of the lines of `per_cpu/cpuN/stats` that tell of events nobody will ever read. */
function parseLostEvents(text: string): number {
  const counts = [...text.matchAll(/^(?:overrun|commit overrun|dropped events): (\d{1,15})$/gm)];
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

function createDir(fs: KernelFs, root: KernelPath): void {
  try {
    fs.makeDir(root);
  } catch (error) {
    if (!isKernelErrno(error, 'EEXIST')) throw explainUnusable(error, fs, root);
    // The name is this process's own: left over from an earlier opening.
    fs.removeDir(root);
    fs.makeDir(root);
  }
}

/**
 * Makes an own trace instance, so that nobody else's tracing is touched and removing it leaves
 * nothing behind, and switches the DAMON events on in it.
 *
 * Files: `instances/damon-exporter-…/{trace_clock,buffer_size_kb,events/damon/…,per_cpu/…}` in tracefs.
 * @throws KernelError when tracefs, the permission or the tracepoints are missing, or a layout is
 * not understood; then no instance is left behind.
 */
export function openTraceInstance(options: TraceInstanceOptions): TraceInstance {
  const { fs, pid, bufferSizeKb } = options;
  checkByteOrder(fs);
  checkTracefs(fs);
  const name = readInstanceName(fs, pid);
  const root: KernelPath = `${TRACE_INSTANCES}/${name}`;
  createDir(fs, root);
  const streams = createCpuStreams(fs, root);
  try {
    const layouts = readLayouts(fs, root);
    enableEvents(fs, root, layouts, bufferSizeKb);
    streams.refresh();
    return {
      name,
      layouts,
      pageSizeBytes: layouts.page.dataOffset + layouts.page.dataSize,
      streams,
      readLostEvents: (cpu) => {
        const stats: KernelPath = `${root}/per_cpu/cpu${cpu}/stats`;
        return fs.exists(stats) ? parseLostEvents(fs.readText(stats)) : 0;
      },
      close: () => {
        streams.close();
        fs.removeDir(root);
      },
    };
  } catch (error) {
    streams.close();
    fs.removeDir(root);
    throw error;
  }
}
