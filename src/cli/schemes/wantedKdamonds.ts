import { UsageError } from '../../base/errors.ts';
import type { DamonConfig } from '../../config/config.ts';
import { isUnbounded } from '../../config/schemeRisk.ts';
import type { KdamondSpec } from '../../damon/spec.ts';
import type { FindOptions } from '../../kernel/findProcesses.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { createCgroupWatch } from '../../reconcile/cgroupWatch.ts';
import { resolveKdamond } from '../../reconcile/resolveTargets.ts';
import { readConfigFile } from '../configFile.ts';
import { DAMOS_OPTIONS } from '../damos/damosOptions.ts';
import type { DamosArguments } from '../damos/damosOptions.ts';
import { createDamosSources } from '../damos/damosSources.ts';
import { parseDamosOptions } from '../damos/parseDamosOptions.ts';
import { lookUpUser } from '../lookUpUser.ts';

/** What one kdamond is asked to do. */
export interface WantedKdamond {
  readonly name: string;
  /** Undefined where nothing of what it is for is there. */
  readonly spec: KdamondSpec | undefined;
  /** What was looked for and not found, in words. */
  readonly missing: readonly string[];
}

export interface WantedArguments extends DamosArguments {
  readonly 'config.file'?: string | undefined;
  readonly 'config.trusted': boolean;
  readonly unsafe: boolean;
}

function checkSafe(kdamonds: readonly KdamondSpec[], isUnsafe: boolean): void {
  const schemes = kdamonds.flatMap(({ contexts }) => contexts.flatMap((one) => one.schemes));
  const risky = isUnsafe ? undefined : schemes.find(isUnbounded);
  if (risky === undefined) return;
  throw new UsageError(
    `${risky.action} without a quota or watermarks could take all memory away at once; limit it (--damos_quota_space, --damos_quota_time, --damos_wmarks), or say --unsafe`,
  );
}

function listGivenOptions(args: DamosArguments): string[] {
  const names = Object.keys(DAMOS_OPTIONS) as (keyof DamosArguments)[];
  return [
    ...((args.target ?? []).length > 0 ? ['a target'] : []),
    ...names.filter((name) => args[name] !== undefined).map((name) => `--${name}`),
  ];
}

/** Whatever is wanted now; processes are looked for once. */
export function resolveConfig(config: DamonConfig, fs: KernelFs): readonly WantedKdamond[] {
  const find: FindOptions = { ownPid: process.pid, lookUpUser, commandPids: new Map() };
  const absentCgroups = createCgroupWatch(fs).findAbsent(config);
  return config.kdamonds.map((kdamond) => ({
    name: kdamond.name,
    ...resolveKdamond(fs, kdamond, { find, before: [], absentCgroups }),
  }));
}

/**
 * The kdamonds that damo's options ask for.
 *
 * @throws UsageError, ConfigError, KernelError.
 */
export function parseWantedOptions(args: WantedArguments, fs: KernelFs): readonly WantedKdamond[] {
  const specs = parseDamosOptions(args, createDamosSources(fs));
  checkSafe(specs, args.unsafe);
  return specs.map((spec, index) => ({ name: String(index), spec, missing: [] }));
}

/**
 * The kdamonds that a configuration file or damo's options ask for.
 *
 * @throws UsageError also for both at once, or neither; ConfigError, KernelError.
 */
export async function readWantedKdamonds(
  args: WantedArguments,
  fs: KernelFs,
): Promise<readonly WantedKdamond[]> {
  const given = listGivenOptions(args);
  const path = args['config.file'];
  if (path === undefined) {
    if (given.length > 0) return parseWantedOptions(args, fs);
    throw new UsageError(
      'found neither a target (process ids, paddr) nor --config.file: expected one of them; see --help',
    );
  }
  if (given.length > 0) {
    throw new UsageError(
      `--config.file says everything: ${given.join(', ')} cannot be given beside it`,
    );
  }
  return resolveConfig(await readConfigFile(path, args['config.trusted']), fs);
}
