import { basename, dirname, join } from 'node:path';
import { RecordError } from '../../base/errors.ts';
import type { RecordFs } from '../own/recordFs.ts';

/** One file of a rolling record: `<base>.<number>`, six digits or more. */
export interface Segment {
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
}

/** Of a rolling record in a directory, when only that is named. */
const DEFAULT_NAME = 'damon.data';

/** More digits are no segment's: nobody would find it. */
export const MAX_SEGMENT_NUMBER = 999_999_999_999_999;

/** Of a segment's path; 0 for none. */
export function parseSegmentNumber(path = ''): number {
  return Number(/\.(\d{6,15})$/.exec(path)?.[1] ?? 0);
}

export function formatSegmentPath(base: string, number: number): string {
  return `${base}.${String(number).padStart(6, '0')}`;
}

/** The base path: the path itself, or in the directory it is. */
export async function findBase(fs: RecordFs, path: string): Promise<string> {
  let stat = await fs.lstat(path);
  const isLink = stat !== undefined && !stat.isDirectory && !stat.isFile;
  if (isLink) stat = await fs.lstat(await fs.realpath(path));
  return stat?.isDirectory === true ? join(path, DEFAULT_NAME) : path;
}

/** Others can leave links where all may write, as in /tmp; a pipe or a device is a slip. */
async function checkPlace(fs: RecordFs, path: string): Promise<void> {
  const named = await fs.lstat(path);
  if (named === undefined || named.isDirectory || named.isFile) return;
  const real = await fs.realpath(path);
  const behind = await fs.lstat(real);
  const isPlain = behind?.isDirectory === true || behind?.isFile === true;
  const found = isPlain
    ? `a symbolic link of another user to ${real}`
    : 'neither a directory nor a file';
  if (isPlain && !named.isOfOthers) return;
  const hint = `found ${found}; name a directory, or a file in one`;
  throw new RecordError({ operation: 'record to', path, hint });
}

/**
 * The same with the directory made absolute and free of symbolic links, so that nobody can point a
 * writer elsewhere later.
 *
 * @throws RecordError for what is no place for a record; the file system's error.
 */
export async function resolveBase(fs: RecordFs, path: string): Promise<string> {
  await checkPlace(fs, path);
  const base = await findBase(fs, path);
  return join(await fs.realpath(dirname(base)), basename(base));
}

/** What there is, oldest first. Whatever is no regular file is not looked at. */
export async function listSegments(fs: RecordFs, base: string): Promise<Segment[]> {
  const dir = dirname(base);
  const prefix = `${basename(base)}.`;
  const segments: Segment[] = [];
  for (const name of await fs.list(dir)) {
    if (!name.startsWith(prefix) || !/^\d{6,15}$/.test(name.slice(prefix.length))) continue;
    const path = join(dir, name);
    const stat = await fs.lstat(path);
    if (stat?.isFile !== true) continue;
    const { sizeBytes, modifiedMs } = stat;
    segments.push({ path, sizeBytes, modifiedMs });
  }
  return segments.sort(
    (left, right) => parseSegmentNumber(left.path) - parseSegmentNumber(right.path),
  );
}
