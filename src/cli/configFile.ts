import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import type { Stats } from 'node:fs';
import { ExporterError, describeError } from '../base/errors.ts';
import type { DamonConfig } from '../config/config.ts';
import { findDistrust } from './fileTrust.ts';

function refuse(path: string, hint: string, cause?: unknown): never {
  throw new ExporterError('config', `read the configuration ${path}: ${hint}`, { cause });
}

/** Why a file is not to be trusted; undefined where nobody else could have written it. */
function explainDistrust(path: string, stats: Stats): string | undefined {
  const problem = findDistrust(path, stats);
  return (
    problem &&
    `${problem}, who could have this program do anything with memory; chown root and chmod go-w, or say --config.trusted`
  );
}

/** Why a file would not be applied; undefined where it would be. @throws when it is not there. */
export function checkConfigTrust(path: string): string | undefined {
  return explainDistrust(path, statSync(path));
}

/** The text of one file, looked at and read through the same descriptor. */
function readText(path: string, isTrusted: boolean): string {
  // Opening a pipe must not wait for its writer.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    if (!stats.isFile()) refuse(path, 'it is not a file');
    const distrust = isTrusted ? undefined : explainDistrust(path, stats);
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
