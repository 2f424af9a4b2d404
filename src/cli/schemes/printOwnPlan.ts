import type { DamonConfig } from '../../config/config.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { readSystemRam } from '../../kernel/memory.ts';
import type { Logger } from '../../base/log.ts';
import type { CollectingArguments } from '../collecting/collectingOptions.ts';
import { createOwnKernel } from '../collecting/ownMonitoring.ts';
import { parseMonitoring } from '../monitoringOptions.ts';
import { printPlan } from './runPlan.ts';
import { resolveConfig } from './wantedKdamonds.ts';
import type { WantedKdamond } from './wantedKdamonds.ts';

export interface OwnPlanOptions {
  readonly args: CollectingArguments;
  readonly fs: KernelFs;
  readonly logger: Logger;
  /** Undefined: the target and options of the command line say what runs. */
  readonly config: DamonConfig | undefined;
}

function listWanted({ args, fs, config }: OwnPlanOptions): readonly WantedKdamond[] {
  if (config !== undefined) return resolveConfig(config, fs);
  const context = parseMonitoring(args, () => readSystemRam(fs));
  return context === undefined ? [] : [{ name: '0', spec: { contexts: [context] }, missing: [] }];
}

/**
 * What a command that watches would write to DAMON before it does.
 *
 * @throws KernelError naming what the kernel lacks, or what is in the way.
 */
export async function printOwnPlan(options: OwnPlanOptions): Promise<void> {
  const { args, fs, logger } = options;
  const wanted = listWanted(options);
  if (wanted.length === 0) {
    process.stdout.write('Nothing would be written to DAMON: no kdamond is asked for.\n');
    return;
  }
  await printPlan({ args, deps: createOwnKernel(args, fs, logger).deps, wanted });
}
