import { describeError, KernelError } from '../base/errors.ts';
import { parseSafeInteger } from '../base/uint64.ts';
import type { DamonModuleState, DamonStatState } from '../damon/kdamond.ts';
import {
  ifPresent,
  readIfPresent,
  readInteger,
  readSwitch,
  readUint64,
  readWord,
} from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

export type DamonModuleName = DamonModuleState['name'];
export const DAMON_MODULES: readonly DamonModuleName[] = ['damon_reclaim', 'damon_lru_sort'];

/** Where the kernel shows a module's parameters. */
export function getParametersPath(module: DamonModuleName | 'damon_stat'): KernelPath {
  return `sys/module/${module}/parameters`;
}

function readModulePid(fs: KernelFs, path: KernelPath): number | undefined {
  const pid = readIfPresent(readInteger, fs, `${path}/kdamond_pid`);
  return pid === undefined || pid <= 0 ? undefined : pid;
}

/**
 * Idle times, index = percentile of memory.
 *
 * Units: milliseconds; negative = has been accessed for that long (since 6.18).
 *
 * @throws RangeError when there are not 101 whole numbers.
 */
export function parseIdlePercentiles(text: string): number[] {
  const values = text.split(',').map((value) => parseSafeInteger(value, 'idle percentile'));
  if (values.length !== 101) {
    throw new RangeError(`idle percentiles: found ${values.length} values, expected 101`);
  }
  return values;
}

function readIdlePercentiles(fs: KernelFs, path: KernelPath): number[] | undefined {
  const text = readIfPresent(readWord, fs, path);
  if (text === undefined) return undefined;
  try {
    return parseIdlePercentiles(text);
  } catch (error) {
    throw new KernelError({
      operation: 'read',
      path: fs.describePath(path),
      hint: describeError(error),
      cause: error,
    });
  }
}

/** What it measured; zeros stand there until the first results, five seconds after it began. */
function readDamonStatResults(fs: KernelFs, path: KernelPath): DamonStatResults {
  const percentiles = readIdlePercentiles(fs, `${path}/memory_idle_ms_percentiles`);
  if (percentiles?.every((idleMs) => idleMs === 0) !== false) return NO_RESULTS;
  return {
    aggrIntervalUs: readIfPresent(readInteger, fs, `${path}/aggr_interval_us`),
    estimatedMemoryBandwidthBytesPerSecond: readIfPresent(
      readUint64,
      fs,
      `${path}/estimated_memory_bandwidth`,
    ),
    memoryIdleMsPercentiles: percentiles,
  };
}

type DamonStatResults = Omit<DamonStatState, 'isEnabled' | 'kdamondPid'>;

const NO_RESULTS: DamonStatResults = {
  aggrIntervalUs: undefined,
  estimatedMemoryBandwidthBytesPerSecond: undefined,
  memoryIdleMsPercentiles: undefined,
};

/**
 * DAMON_STAT's parameters. While it is off the kernel goes on showing the numbers of its last run:
 * they are left out here.
 *
 * Files: `/sys/module/damon_stat/parameters`
 * Absent: undefined before 6.17 and where it is not built.
 */
export function readDamonStat(fs: KernelFs): DamonStatState | undefined {
  const path = getParametersPath('damon_stat');
  const isEnabled = readIfPresent(readSwitch, fs, `${path}/enabled`);
  if (isEnabled === undefined) return undefined;
  const results = isEnabled ? readDamonStatResults(fs, path) : NO_RESULTS;
  return { isEnabled, kdamondPid: readModulePid(fs, path), ...results };
}

/**
 * DAMON_RECLAIM's or DAMON_LRU_SORT's parameters.
 *
 * Files: `/sys/module/damon_{reclaim,lru_sort}/parameters`
 * Absent: undefined where it is not built.
 */
export function readDamonModule(fs: KernelFs, name: DamonModuleName): DamonModuleState | undefined {
  const path = getParametersPath(name);
  const names = ifPresent(() => fs.list(path));
  if (names === undefined) return undefined;
  const parameters = new Map<string, string>();
  for (const parameter of names.sort()) {
    const value = readIfPresent(readWord, fs, `${path}/${parameter}`);
    if (value !== undefined) parameters.set(parameter, value);
  }
  return {
    name,
    isEnabled: readSwitch(fs, `${path}/enabled`),
    kdamondPid: readModulePid(fs, path),
    parameters,
  };
}
