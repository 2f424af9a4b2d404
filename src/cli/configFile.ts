import { closeSync, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ExporterError, describeError } from '../base/errors.ts';
import type { DamonConfig } from '../config/config.ts';

function refuse(path: string, hint: string, cause?: unknown): never {
  throw new ExporterError('config', `read the configuration ${path}: ${hint}`, { cause });
}

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** Who else could make this program, with all its rights, do something; undefined for nobody. */
function findStranger({ uid, mode }: Stats, ownUid: number): string | undefined {
  if (uid !== 0 && uid !== ownUid) return `belongs to user ${uid}`;
  return (mode & WRITABLE_BY_OTHERS) === 0 ? undefined : 'can be written by others';
}

/** A file in a directory that others can write to can be replaced, unless it is like /tmp. */
function findStrangerOfDirectory(stats: Stats, ownUid: number): string | undefined {
  const isSticky = (stats.mode & STICKY) !== 0 && stats.uid === 0;
  return isSticky ? undefined : findStranger(stats, ownUid);
}

/** Why a file is not to be trusted; undefined where nobody else could have written it. */
function findDistrust(path: string, stats: Stats, ownUid: number): string | undefined {
  const directory = dirname(resolve(path));
  const stranger = findStranger(stats, ownUid);
  const around = findStrangerOfDirectory(statSync(directory), ownUid);
  const problem =
    stranger === undefined
      ? around && `its directory ${directory} ${around}`
      : `the file ${stranger}`;
  return problem === undefined
    ? undefined
    : `${problem}, who could have this program do anything with memory; chown root and chmod go-w, or say --config.trusted`;
}

/** Why a file would not be applied; undefined where it would be. @throws when it is not there. */
export function checkConfigTrust(path: string): string | undefined {
  return findDistrust(path, statSync(path), process.geteuid?.() ?? 0);
}

/** The text of one file, looked at and read through the same descriptor. */
function readText(path: string, isTrusted: boolean): string {
  const descriptor = openSync(path, 'r');
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) refuse(path, 'it is not a file');
    const distrust = isTrusted ? undefined : findDistrust(path, stats, process.geteuid?.() ?? 0);
    if (distrust !== undefined) refuse(path, distrust);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/**
 * A configuration from a file that nobody else could have written, or that is trusted all the same.
 *
 * @throws ExporterError with every problem of its text, or why it is not read.
 */
export async function readConfigFile(path: string, isTrusted: boolean): Promise<DamonConfig> {
  let text: string;
  try {
    text = readText(path, isTrusted);
  } catch (error) {
    if (error instanceof ExporterError) throw error;
    refuse(path, describeError(error), error);
  }
  const { parseDamonConfig } = await import('../config/parseDamonConfig.ts');
  return parseDamonConfig(text, path);
}
