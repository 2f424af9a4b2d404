import type { CollectingArguments } from '../collecting/collectingOptions.ts';
import type { MetricsArguments } from './metricsOptions.ts';
import type { OtlpArguments } from './otlpOptions.ts';
import type { LogArguments } from '../options.ts';

export const SOURCE_CHOICES = ['auto', 'trace', 'sysfs', 'damon_stat', 'simulator'] as const;

/** All addresses of the machine, on the port DAMON exporters are expected at. */
export const DEFAULT_LISTEN_ADDRESS = ':10077';

/** The command line of `serve` as yargs gives it; texts are not checked yet. */
export interface ServeArguments
  extends LogArguments, CollectingArguments, MetricsArguments, OtlpArguments {
  /** Names of the options that were given, not those of defaults. */
  readonly given: ReadonlySet<string>;
  readonly 'config.file'?: string | undefined;
  readonly 'config.trusted': boolean;
  readonly 'dry-run': boolean;
  readonly 'web.enable-lifecycle': boolean;
  readonly 'web.listen-address'?: readonly string[] | undefined;
  readonly 'web.config.file'?: string | undefined;
  readonly 'web.systemd-socket': boolean;
  readonly 'web.telemetry-path': string;
  readonly 'web.max-requests': number;
  readonly 'web.max-watchers': number;
  readonly 'collect.interval': string;
  readonly 'collect.idle-after': string;
  readonly 'output.textfile'?: string | undefined;
  readonly 'output.textfile-interval': string;
  readonly 'record.path'?: string | undefined;
  readonly 'record.max-size': string;
  readonly 'record.max-age': string;
  readonly 'record.flush-interval': string;
}
