import { closeSync, constants, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigError, ExporterError, describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { parseWebConfig } from '../config/parseWebConfig.ts';
import type { PemSource, WebConfig } from '../config/webConfig.ts';
import type { WebConfigHealth } from '../damon/observation.ts';
import { createTlsServing } from './tlsServing.ts';
import type { TlsServing } from './tlsServing.ts';

/** What the file says and what it names, read together. */
export interface WebInForce {
  readonly config: WebConfig;
  /** Undefined = no TLS. The same object for as long as no file changed. */
  readonly tls: TlsServing | undefined;
}

export interface WebState {
  /** Looks whether a file has changed, and what is in force then. Cheap enough for every request. */
  readonly read: () => WebInForce;
  readonly health: () => WebConfigHealth;
}

export interface WebStateOptions {
  readonly path: string;
  readonly wallMs: () => number;
  readonly logger: Logger;
}

/** More is no configuration, key or certificate. */
const MAX_BYTES = 1 << 20;
const READABLE_BY_OTHERS = 0o004n;
const WRITABLE_BY_OTHERS = 0o022n;

function formatPrint({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
}

function takePrint(path: string): string {
  try {
    return formatPrint(statSync(path, { bigint: true }));
  } catch (error) {
    return describeError(error);
  }
}

/** One reading of the file and what it names, with what tells whether any of them has changed. */
class Reading {
  readonly prints = new Map<string, string>();
  readonly warnings: string[] = [];

  /** @throws Error of the file system, or in its words. */
  readText(path: string, isSecret: boolean): string {
    this.prints.set(path, takePrint(path));
    // Opening a pipe would wait for who writes to it.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(descriptor, { bigint: true });
      this.prints.set(path, formatPrint(stats));
      if (!stats.isFile()) throw new Error('it is not a file');
      if (stats.size > MAX_BYTES) throw new Error(`found ${stats.size} bytes, too many`);
      if (isSecret && (stats.mode & READABLE_BY_OTHERS) !== 0n) {
        this.warnings.push(`${path} can be read by everybody: chmod o-r`);
      }
      if ((stats.mode & WRITABLE_BY_OTHERS) !== 0n) {
        this.warnings.push(`${path} can be written by others than its owner: chmod go-w`);
      }
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  }

  hasChanged(): boolean {
    return [...this.prints].some(([path, print]) => takePrint(path) !== print);
  }
}

function readAll(path: string, reading: Reading): WebInForce {
  let text: string;
  try {
    text = reading.readText(path, true);
  } catch (error) {
    const reason = describeError(error);
    throw new ExporterError('config', `read the web configuration ${path}: ${reason}`, {
      cause: error,
    });
  }
  const config = parseWebConfig(text, path);
  const readPem = (source: PemSource): string => {
    if (source.path === undefined) return source.text ?? '';
    try {
      return reading.readText(resolve(dirname(path), source.path), source.key === 'key_file');
    } catch (error) {
      const message = `tls_server_config.${source.key}: ${describeError(error)}`;
      const problems = [{ ...source.position, message }];
      throw new ConfigError({ name: path, problems, cause: error });
    }
  };
  return { config, tls: config.tls && createTlsServing(config.tls, path, readPem) };
}

/** A file cut short while it is written may say less than it will: nothing opens by that. */
function checkNothingOpens(path: string, before: WebConfig, after: WebConfig): void {
  const isVerifying = ({ tls }: WebConfig): boolean => tls?.clientCa !== undefined;
  const lost = [
    before.tls !== undefined && after.tls === undefined && 'TLS',
    isVerifying(before) && !isVerifying(after) && 'verifying clients',
    before.users.size > 0 && after.users.size === 0 && 'asking for a password',
  ].filter((word) => word !== false);
  if (lost.length === 0) return;
  throw new ExporterError(
    'config',
    `read ${path} again: it no longer asks for ${lost.join(' and ')}; start serve anew if that is meant`,
  );
}

/** Reads a web configuration once, as `check web-config` does. @throws ExporterError */
export function readWebConfig(path: string): {
  readonly inForce: WebInForce;
  readonly warnings: readonly string[];
} {
  const reading = new Reading();
  return { inForce: readAll(path, reading), warnings: reading.warnings };
}

/**
 * Reads a web configuration, and again whenever it or a file it names has changed. A bad one is
 * logged, and what was in force stays.
 *
 * @throws ExporterError when the first one is bad.
 */
export function createWebState({ path, wallMs, logger }: WebStateOptions): WebState {
  const warned = new Set<string>();
  const warn = (warnings: readonly string[]): void => {
    for (const warning of warnings.filter((text) => !warned.has(text))) {
      warned.add(warning);
      logger.warn('a file of the web configuration is not well kept', { problem: warning });
    }
  };
  let reading = new Reading();
  let inForce = readAll(path, reading);
  let health: WebConfigHealth = { isLastReloadGood: true, lastReloadSuccessMs: wallMs() };
  warn(reading.warnings);
  const reload = (): void => {
    const next = new Reading();
    reading = next;
    try {
      const found = readAll(path, next);
      checkNothingOpens(path, inForce.config, found.config);
      inForce = found;
      health = { isLastReloadGood: true, lastReloadSuccessMs: wallMs() };
      warn(next.warnings);
      logger.info('read the web configuration again', { path });
    } catch (error) {
      if (!(error instanceof ExporterError)) throw error;
      health = { ...health, isLastReloadGood: false };
      logger.error('the web configuration is wrong; that of before stays in force', {
        reason: error.message,
      });
    }
  };
  return {
    read: () => {
      if (reading.hasChanged()) reload();
      return inForce;
    },
    health: () => health,
  };
}
