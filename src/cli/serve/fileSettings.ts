import { isDeepStrictEqual } from 'node:util';
import { ConfigError, UsageError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import type { DamonConfig, ServeSetting } from '../../config/config.ts';
import type { ConfigReader } from './configMonitoring.ts';
import type { ServeArguments } from './serveArguments.ts';
import { parseServeSettings } from './settings.ts';
import type { Environment } from './otlpVariables.ts';
import type { ServeSettings } from './settings.ts';

/** The command line, what a file adds to it, and what the two mean together. */
export interface EffectiveSettings {
  readonly args: ServeArguments;
  readonly settings: ServeSettings;
}

/** Messages that begin with other words than the option. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  'listen address': 'web.listen-address',
  'telemetry path': 'web.telemetry-path',
};

function findCulprit(
  message: string,
  settings: readonly ServeSetting[],
): { readonly setting: ServeSetting; readonly rest: string } | undefined {
  const match = /^(?:--)?(listen address|telemetry path|[\w.-]+):? (.*)$/s.exec(message);
  if (match === null) return undefined;
  const [, written = '', rest = ''] = match;
  const name = OTHER_NAMES[written] ?? written;
  const setting = settings.find((candidate) => candidate.name === name);
  return setting && { setting, rest };
}

/**
 * Options that the file gives and the command line does not, together with those of the command line.
 *
 * @throws ConfigError with the place in the file where a setting of it is wrong; UsageError.
 */
export function mergeFileSettings(
  args: ServeArguments,
  config: DamonConfig | undefined,
  env: Environment,
): EffectiveSettings {
  const inForce = (config?.serve ?? []).filter(({ name }) => !args.given.has(name));
  const values = Object.fromEntries(inForce.map(({ name, value }) => [name, value]));
  const merged = { ...args, ...values };
  try {
    return { args: merged, settings: parseServeSettings(merged, env) };
  } catch (error) {
    const culprit = error instanceof UsageError && findCulprit(error.message, inForce);
    if (!culprit) throw error;
    const { setting, rest } = culprit;
    throw new ConfigError({
      name: args['config.file'] ?? '',
      problems: [{ ...setting.position, message: `serve.${setting.name}: ${rest}` }],
      cause: error,
    });
  }
}

type Settings = readonly ServeSetting[];

/** Names of the options that one of two files gives otherwise than the other, or alone. */
function listChanged(before: Settings, after: Settings): string[] {
  const find = (settings: Settings, name: string): ServeSetting['value'] | undefined =>
    settings.find((setting) => setting.name === name)?.value;
  const names = new Set([...before, ...after].map(({ name }) => name));
  return [...names].filter((name) => !isDeepStrictEqual(find(before, name), find(after, name)));
}

export interface ReloadContext {
  /** The command line alone. */
  readonly args: ServeArguments;
  /** What the file said at the start, which stays in force. */
  readonly config: DamonConfig | undefined;
  readonly logger: Logger;
}

/**
 * Reads the file again, for a reload: refuses what a start would refuse, and tells which options have
 * changed and need one.
 */
export function createReloadReader(read: ConfigReader, context: ReloadContext): ConfigReader {
  const { args, config, logger } = context;
  return async () => {
    const next = await read();
    mergeFileSettings(args, next, process.env);
    const changed = listChanged(config?.serve ?? [], next.serve ?? []);
    const waiting = changed.filter((name) => !args.given.has(name));
    if (waiting.length > 0) {
      const settings = waiting.join(' ');
      logger.warn('the file changes settings that hold from the next start on', { settings });
    }
    return next;
  };
}
