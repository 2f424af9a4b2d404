import type { ServeArguments } from '../../src/cli/serve/serveArguments.ts';
import { DEFAULT_METRICS_ARGUMENTS } from './metricsArguments.ts';

/** The command line of `serve` without any option. */
export const SERVE_ARGUMENTS: ServeArguments = {
  given: new Set(),
  source: 'auto',
  'web.telemetry-path': '/metrics',
  'config.trusted': false,
  'dry-run': false,
  'web.enable-lifecycle': false,
  'web.systemd-socket': false,
  'web.max-requests': 40,
  'web.max-watchers': 20,
  'state.file': '/run/damon-exporter/state.json',
  'collect.interval': '250ms',
  'collect.sysfs-interval': '5s',
  'collect.idle-after': '5m',
  'trace.buffer-size': '512K',
  ...DEFAULT_METRICS_ARGUMENTS,
  'output.textfile-interval': '15s',
  'record.max-size': '256M',
  'record.max-age': '7d',
  'record.flush-interval': '5s',
  'log.level': 'info',
  'log.format': 'logfmt',
  'path.procfs': '/proc',
  'path.boot': '/boot',
  'simulator.speed': 1,
  'simulator.seed': 1,
  'simulator.kernel': '7.2',
  'simulator.source': 'auto',
};
