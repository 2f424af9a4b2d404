import type { Options } from 'yargs';
import { parseSizeBytes } from '../../base/units.ts';
import type { MonitoringArguments } from '../monitoringOptions.ts';
import { defineOptions } from '../options.ts';
import type { PathArguments, SimulatorArguments } from '../options.ts';

/** How the trace is read: for every command that collects snapshots. */
export const TRACE_OPTIONS: Record<string, Options> = defineOptions({
  'trace.buffer-size': {
    type: 'string',
    default: '512K',
    describe: "size of each CPU's trace buffer",
    group: 'Collecting:',
  },
});

/** Where it is written down what of the kernel's is ours. */
export const STATE_FILE_OPTION: Record<string, Options> = defineOptions({
  'state.file': {
    type: 'string',
    default: '/run/damon-exporter/state.json',
    describe:
      'where an own kdamond is written down, so that the next start can clean up after a crash',
    group: 'Own monitoring:',
  },
});

/** For every command that starts a kdamond of its own. */
export const OWN_KDAMOND_OPTIONS: Record<string, Options> = {
  ...STATE_FILE_OPTION,
  ...defineOptions({
    takeover: {
      choices: ['damon_stat', 'stopped_kdamonds'],
      array: true,
      describe:
        'make room for an own kdamond: switch DAMON_STAT off, or put aside kdamonds that are staged and do not run; as they were again at exit',
      group: 'Own monitoring:',
    },
  }),
};

export interface OwnKdamondArguments extends MonitoringArguments {
  readonly takeover?: readonly string[] | undefined;
  readonly 'state.file': string;
}

/** What every command that collects snapshots has; texts are not checked yet. */
export interface CollectingArguments
  extends OwnKdamondArguments, PathArguments, SimulatorArguments {
  readonly source: 'auto' | 'trace' | 'sysfs' | 'damon_stat' | 'simulator';
  readonly 'collect.sysfs-interval': string;
  readonly 'trace.buffer-size': string;
}

/** Kilobytes of one CPU's buffer: enough for a few pages, small enough for a machine of many CPUs. */
const TRACE_BUFFER_KB = { min: 16, max: 1 << 20 } as const;

/** Kilobytes. @throws RangeError */
export function parseTraceBufferKb(text: string): number {
  const kb = parseSizeBytes(text, '--trace.buffer-size') / 1024n;
  if (kb < BigInt(TRACE_BUFFER_KB.min) || kb > BigInt(TRACE_BUFFER_KB.max)) {
    throw new RangeError(`--trace.buffer-size: found "${text}", expected 16K to 1G`);
  }
  return Number(kb);
}
