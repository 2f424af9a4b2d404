import { ExporterError, UsageError } from '../../base/errors.ts';
import type { DamonConfig } from '../../config/config.ts';
import type { CollectingArguments } from '../collecting/collectingOptions.ts';
import { checkConfigTrust, readConfigFile } from '../configFile.ts';
import { createStderrLogger } from '../createStderrLogger.ts';
import type { LogArguments, PathArguments, SimulatorArguments } from '../options.ts';
import { readPackageInfo } from '../packageInfo.ts';
import { explainConfig } from './explainConfig.ts';
import type { Estimates } from './explainConfig.ts';
import { createMatchEstimator } from './matchEstimate.ts';
import type { SeenSnapshot } from './matchEstimate.ts';

export interface CheckConfigArguments extends PathArguments, SimulatorArguments, LogArguments {
  readonly file: readonly string[];
  readonly input?: string | undefined;
  readonly live: boolean;
  readonly source: 'auto' | 'simulator';
}

interface GoodFile {
  readonly path: string;
  readonly config: DamonConfig;
}

function warn(text: string): void {
  process.stderr.write(`${readPackageInfo().name}: ${text}\n`);
}

async function readFile(path: string): Promise<GoodFile> {
  const config = await readConfigFile(path, true);
  const distrust = checkConfigTrust(path);
  if (distrust !== undefined) warn(`warning: ${path} will not be applied: ${distrust}`);
  return { path, config };
}

/** Whatever is wrong with a file is told; all others are looked at all the same. */
async function readFiles(paths: readonly string[]): Promise<readonly GoodFile[]> {
  const good: GoodFile[] = [];
  const [only] = paths.length === 1 ? paths : [];
  if (only !== undefined) return [await readFile(only)];
  for (const path of paths) {
    try {
      good.push(await readFile(path));
    } catch (error) {
      if (!(error instanceof ExporterError)) throw error;
      warn(error.message);
    }
  }
  return good;
}

async function visitSnapshots(
  args: CheckConfigArguments,
  visit: (snapshot: SeenSnapshot) => void,
): Promise<void> {
  const { visitLive, visitRecord } = await import('./seenSnapshots.ts');
  if (args.input !== undefined) {
    await visitRecord(args.input, visit);
    return;
  }
  const collecting: CollectingArguments = {
    ...args,
    'state.file': '',
    'collect.sysfs-interval': '1s',
    'trace.buffer-size': '512K',
  };
  await visitLive(collecting, createStderrLogger(args), visit);
}

/** Each scheme of each file against what is seen, in one pass. */
async function estimate(
  args: CheckConfigArguments,
  files: readonly GoodFile[],
): Promise<readonly Estimates[]> {
  const isLive = args.live || args.source === 'simulator';
  if (args.input === undefined && !isLive) return [];
  const estimators = files.map(({ config }) =>
    config.kdamonds.map(({ schemes, context }) =>
      schemes.map((scheme) => createMatchEstimator(scheme, context.intervals)),
    ),
  );
  const all = estimators.flat(2);
  await visitSnapshots(args, (snapshot) => {
    for (const estimator of all) estimator.add(snapshot);
  });
  return estimators.map((file) => file.map((kdamond) => kdamond.map((one) => one.finish())));
}

/**
 * Says what configuration files make the kernel do, and how much memory their schemes fit.
 *
 * @throws ExporterError when a file is wrong, after all of them were looked at.
 */
export async function runCheckConfig(args: CheckConfigArguments): Promise<void> {
  if (args.input !== undefined && args.live) {
    throw new UsageError('--live and --input exclude each other: which of them is it to be?');
  }
  const files = await readFiles(args.file);
  const estimates = files.length === 0 ? [] : await estimate(args, files);
  for (const [index, { path, config }] of files.entries()) {
    const text = await explainConfig(config, estimates[index]);
    process.stdout.write(`${index === 0 ? '' : '\n'}${path} is good\n\n${text}`);
  }
  const nrBad = args.file.length - files.length;
  if (nrBad === 0) return;
  throw new ExporterError(
    'config',
    `check ${args.file.length} files: ${nrBad} of them ${nrBad === 1 ? 'is' : 'are'} wrong`,
  );
}
