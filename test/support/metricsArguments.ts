import { METRICS_OPTIONS } from '../../src/cli/serve/metricsOptions.ts';
import type { MetricsArguments } from '../../src/cli/serve/metricsOptions.ts';

/** What yargs gives when nothing is said. */
export const DEFAULT_METRICS_ARGUMENTS = Object.fromEntries(
  Object.entries(METRICS_OPTIONS).map(([name, option]) => [name, option.default as unknown]),
) as unknown as MetricsArguments;
