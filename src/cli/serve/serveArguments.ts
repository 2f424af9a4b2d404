import type { MetricsArguments } from './metricsOptions.ts';
import type { MonitoringArguments } from '../monitoringOptions.ts';
import type { OtlpArguments } from './otlpOptions.ts';
import type { LogArguments, PathArguments, SimulatorArguments } from '../options.ts';

export const SOURCE_CHOICES = ['auto', 'trace', 'sysfs', 'damon_stat', 'simulator'] as const;

/** All addresses of the machine, on the port DAMON exporters are expected at. */
export const DEFAULT_LISTEN_ADDRESS = ':10077';

/** The command line of `serve` as yargs gives it; texts are not checked yet. */
export interface ServeArguments
  extends
    LogArguments,
    PathArguments,
    SimulatorArguments,
    MonitoringArguments,
    MetricsArguments,
    OtlpArguments {
  readonly source: (typeof SOURCE_CHOICES)[number];
  readonly takeover?: readonly string[] | undefined;
  readonly 'web.listen-address'?: readonly string[] | undefined;
  readonly 'web.telemetry-path': string;
  readonly 'web.max-requests': number;
  readonly 'state.file': string;
  readonly 'collect.interval': string;
  readonly 'collect.sysfs-interval': string;
  readonly 'collect.idle-after': string;
  readonly 'trace.buffer-size': string;
  readonly 'output.textfile'?: string | undefined;
  readonly 'output.textfile-interval': string;
  readonly 'record.path'?: string | undefined;
  readonly 'record.max-size': string;
  readonly 'record.max-age': string;
  readonly 'record.flush-interval': string;
}
