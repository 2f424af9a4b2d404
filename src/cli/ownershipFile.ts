import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ExporterError, describeError } from '../base/errors.ts';
import { findObstacle } from '../record/outputPlace.ts';
import type { OwnershipRecord, OwnershipStore } from '../reconcile/ownership.ts';
import { findDistrust } from './fileTrust.ts';

const VERSION: OwnershipRecord['version'] = 1;

/** @param found What happened: an error, or a text. */
function fail(operation: string, path: string, found: unknown, advice: string): never {
  throw new ExporterError(
    'failure',
    `${operation} the state file ${path}: ${describeError(found)}; ${advice}`,
    { cause: found },
  );
}

/** Undefined where it is no JSON. Its errors are left out: they quote what was found, newlines and all. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isIdentity(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, startTimeTicks } = value as { pid?: unknown; startTimeTicks?: unknown };
  return Number.isSafeInteger(pid) && Number.isSafeInteger(startTimeTicks);
}

function isTexts(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((text) => typeof text === 'string')
  );
}

function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isKdamond(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { pid, staged, isPutBack, ...rest } = value as Record<string, unknown>;
  const { schemeNames, goalValues, supports } = rest;
  return (
    (isPutBack === undefined || typeof isPutBack === 'boolean') &&
    (pid === undefined || Number.isSafeInteger(pid)) &&
    isListOf(staged, isTexts) &&
    (schemeNames === undefined || isListOf(schemeNames, isTextOrNull)) &&
    (goalValues === undefined || isListOf(goalValues, isDecimal)) &&
    (supports === undefined || isTexts(supports))
  );
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isDecimal(value: unknown): boolean {
  return typeof value === 'string' && /^\d{1,20}$/.test(value);
}

function isFoundWrite(value: unknown): boolean {
  return isListOf(value, (text) => typeof text === 'string') && (value as unknown[]).length === 2;
}

function isRecord(value: unknown): value is OwnershipRecord {
  if (typeof value !== 'object' || value === null) return false;
  const record = value as Record<string, unknown>;
  return (
    record['version'] === VERSION &&
    typeof record['bootId'] === 'string' &&
    typeof record['hasSwitchedOffDamonStat'] === 'boolean' &&
    isIdentity(record['exporter']) &&
    typeof record['isKept'] === 'boolean' &&
    isListOf(record['kdamonds'], isKdamond) &&
    isListOf(record['found'], isFoundWrite) &&
    (record['foundStaged'] === undefined || isListOf(record['foundStaged'], isTexts))
  );
}

/** A pipe put there after the look at it must not keep anybody waiting. */
const READ_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function refuseObstacle(path: string): void {
  const obstacle = findObstacle(path);
  if (obstacle !== undefined) throw new ExporterError('failure', obstacle);
}

/** What it says is written to the kernel: nobody else may have had a hand in it. */
function refuseStrangers(path: string, descriptor: number | undefined): void {
  const stats = descriptor === undefined ? undefined : fstatSync(descriptor);
  const distrust = findDistrust(path, stats);
  if (distrust === undefined) return;
  throw new ExporterError(
    'failure',
    `${distrust}, who could have this program write to the kernel; chown root and chmod go-w`,
  );
}

/** Undefined where there is none. Looked at and read through the same descriptor. */
function readTrusted(path: string): string | undefined {
  refuseObstacle(path);
  let descriptor: number;
  try {
    descriptor = openSync(path, READ_FLAGS);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    refuseStrangers(path, descriptor);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** What to do where the file cannot be understood. */
function refuseContent(path: string, text: string, value: unknown): never {
  const { version } = (value ?? {}) as { version?: unknown };
  if (typeof version === 'number' && version > VERSION) {
    return fail(
      'read',
      path,
      `a newer damon-exporter has written it (version ${version}, this one knows ${VERSION})`,
      'end what it has started with that one, by its stop command',
    );
  }
  const found = value === undefined ? 'text that is not JSON' : 'something else';
  const size = `${Buffer.byteLength(text)} bytes`;
  return fail(
    'read',
    path,
    `found ${found} (${size}), expected what this program writes there`,
    'see what runs with the status command, then remove the file, or choose another with --state.file',
  );
}

/** All of it is on the disk, under another name, before the file gets its own. */
function writeWhole(temporary: string, path: string, record: OwnershipRecord): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  refuseObstacle(path);
  refuseStrangers(path, undefined);
  rmSync(temporary, { force: true });
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(descriptor, `${JSON.stringify(record)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Gives the file a second name; false where that is taken. */
function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(from, { force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** What processes that died while they wrote have left beside the file. */
function removeLeftovers(path: string): void {
  rmSync(`${path}.new`, { force: true });
  const start = `${basename(path)}.`;
  for (const name of readdirSync(dirname(path))) {
    const pid = name.startsWith(start) ? /^\d+$/.exec(name.slice(start.length))?.[0] : undefined;
    if (pid !== undefined && !isRunning(Number(pid))) rmSync(join(dirname(path), name));
  }
}

function failWriting(path: string, error: unknown): never {
  const advice = 'nothing was changed in the kernel; choose another with --state.file';
  return fail('write', path, error, advice);
}

/**
 * The record as a JSON file, 0600 from its first byte in a directory of 0700, replaced in one step
 * so that a crash leaves the old or the new one.
 */
export function createOwnershipFile(path: string): OwnershipStore {
  return {
    location: path,
    read: () => {
      let text: string | undefined;
      try {
        text = readTrusted(path);
      } catch (error) {
        return fail(
          'read',
          path,
          error,
          'run as root or as its owner, or choose another with --state.file',
        );
      }
      if (text === undefined) return undefined;
      const value = parseJson(text);
      return isRecord(value) ? value : refuseContent(path, text, value);
    },
    create: (record) => {
      // Others may be doing the same.
      const claim = `${path}.${process.pid}`;
      try {
        writeWhole(claim, path, record);
        return tryLink(claim, path);
      } catch (error) {
        return failWriting(path, error);
      }
    },
    write: (record) => {
      const temporary = `${path}.new`;
      try {
        writeWhole(temporary, path, record);
        renameSync(temporary, path);
      } catch (error) {
        failWriting(path, error);
      }
    },
    remove: () => {
      try {
        refuseObstacle(path);
        rmSync(path, { force: true });
        if (existsSync(dirname(path))) removeLeftovers(path);
      } catch (error) {
        fail('remove', path, error, 'remove it by hand');
      }
    },
  };
}
