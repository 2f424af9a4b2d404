import { isKernelErrno } from '../base/errors.ts';
import { ifPresent, readIfPresent, readWord } from './attribute.ts';
import { withBusyRetry, type BusyRetry } from './busyRetry.ts';
import { KDAMONDS } from './kdamonds.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

/** A file that somebody may write, and what is in it. */
export type StagedFile = readonly [path: KernelPath, value: string];

/** What the kernel reports, and what makes it act. */
const REPORTED = new Set(['state', 'pid', 'avail_operations', 'effective_bytes', 'tried_regions']);
const SETTING_AMONG_STATS = 'max_nr_snapshots';

function isDirectory(fs: KernelFs, path: KernelPath): boolean {
  try {
    return ifPresent(() => fs.list(path)) !== undefined;
  } catch (error) {
    if (isKernelErrno(error, 'ENOTDIR')) return false;
    throw error;
  }
}

function isSetting(directory: KernelPath, name: string): boolean {
  if (directory.endsWith('/stats')) return name === SETTING_AMONG_STATS;
  return !REPORTED.has(name);
}

function listBelow(fs: KernelFs, directory: KernelPath): StagedFile[] {
  const names = (ifPresent(() => fs.list(directory)) ?? []).filter((name) =>
    isSetting(directory, name),
  );
  const paths = names.sort().map((name): KernelPath => `${directory}/${name}`);
  const directories = paths.filter((path) => isDirectory(fs, path));
  const files = paths.filter((path) => !directories.includes(path));
  const isCount = (path: KernelPath): boolean => /\/nr_\w+$/.test(path);
  const ordered = [...files.filter(isCount), ...files.filter((path) => !isCount(path))];
  return [
    ...ordered.flatMap((path): StagedFile[] => {
      const value = readIfPresent(readWord, fs, path);
      return value === undefined ? [] : [[path, value.replace(/\n+$/, '')]];
    }),
    ...directories.flatMap((path) => listBelow(fs, path)),
  ];
}

/**
 * Everything staged below `kdamonds/`, file by file, known to this program or not, in an order in
 * which writing it makes every directory before what is in it.
 */
export function listStagedFiles(fs: KernelFs): StagedFile[] {
  return listBelow(fs, KDAMONDS);
}

/**
 * Puts files back as they were listed. What is right already is not written: not every default can
 * be, and every write of an `nr_*` file throws away what is below.
 */
export async function restoreStagedFiles(
  fs: KernelFs,
  files: readonly StagedFile[],
  retry: BusyRetry,
): Promise<void> {
  for (const [path, value] of files) {
    if (readIfPresent(readWord, fs, path)?.replace(/\n+$/, '') === value) continue;
    await withBusyRetry(() => {
      fs.writeText(path, value);
    }, retry);
  }
}
