import { describeError, isKernelErrno, KernelError } from '../base/errors.ts';
import { parseSafeInteger, parseUint64 } from '../base/uint64.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

type Parser<T> = (text: string, what: string) => T;
type Reader<T> = (fs: KernelFs, path: KernelPath) => T;

/** Without the one newline the kernel ends an attribute with; further ones belong to the value. */
export function trimAttribute(text: string): string {
  return text.endsWith('\n') ? text.slice(0, -1) : text;
}

/**
 * `Y` or `N`, or `1` or `0`.
 *
 * @throws RangeError for anything else.
 */
export function parseSwitch(text: string, what: string): boolean {
  if (text === 'Y' || text === '1') return true;
  if (text === 'N' || text === '0') return false;
  throw new RangeError(`${what}: found "${text}", expected Y or N`);
}

function createReader<T>(parse: Parser<T>): Reader<T> {
  return (fs, path) => {
    const text = trimAttribute(fs.readText(path));
    try {
      return parse(text, 'value');
    } catch (error) {
      throw new KernelError({
        operation: 'read',
        path: fs.describePath(path),
        hint: describeError(error),
        cause: error,
      });
    }
  };
}

/** An `unsigned long`. @throws KernelError also when the text is anything else. */
export const readUint64: Reader<bigint> = createReader(parseUint64);
/** A whole number that may be negative. @throws KernelError also when it is not exact. */
export const readInteger: Reader<number> = createReader(parseSafeInteger);
/** @throws KernelError also when the text is neither Y nor N, 1 nor 0. */
export const readSwitch: Reader<boolean> = createReader(parseSwitch);
/** The text without its final newline; may be empty. */
export const readWord: Reader<string> = createReader((text) => text);

/** What the reader gives, or undefined when there is no such file: the kernel lacks it. */
export function readIfPresent<T>(reader: Reader<T>, fs: KernelFs, path: KernelPath): T | undefined {
  return ifPresent(() => reader(fs, path));
}

/**
 * What the action gives, or undefined when something it needed is not there: because this kernel
 * lacks it, or because it vanished between being listed and being read.
 */
export function ifPresent<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isKernelErrno(error, 'ENOENT', 'ENODEV', 'ESRCH')) return undefined;
    throw error;
  }
}

/** The names that are numbers, as numbers, ascending. */
export function selectIndexes(names: readonly string[]): number[] {
  return names
    .filter((name) => /^\d{1,9}$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Numbered directories below a path, ascending; empty when there is no such directory. */
export function listIndexes(fs: KernelFs, path: KernelPath): number[] {
  return selectIndexes(ifPresent(() => fs.list(path)) ?? []);
}

/**
 * Reads every numbered directory below a path, in ascending order. One that vanishes while it is
 * read is left out.
 *
 * Absent: undefined when the path itself does not exist.
 */
export function readNumbered<T>(
  fs: KernelFs,
  path: KernelPath,
  read: (path: KernelPath, index: number) => T,
): T[] | undefined {
  const names = ifPresent(() => fs.list(path));
  return names === undefined
    ? undefined
    : selectIndexes(names)
        .map((index) => ifPresent(() => read(`${path}/${index}`, index)))
        .filter((entry) => entry !== undefined);
}

type OmitAbsent<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without the fields whose value is undefined: absent here means no such file. */
export function omitAbsent<T extends object>(fields: T): OmitAbsent<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as OmitAbsent<T>;
}
