import type {
  ConfigHealth,
  ConfiguredKdamondHealth,
  WebConfigHealth,
} from '../damon/observation.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

const NO_FILE = 'without `--config.file`';
const NO_WEB_FILE = 'without `--web.config.file`';

function ofConfig(
  select: (config: ConfigHealth) => number | undefined,
): (input: MetricsInput) => ScalarPoint[] {
  return ({ config }) => (config === undefined ? [] : pointIfKnown({}, select(config)));
}

function ofWebConfig(
  select: (web: WebConfigHealth) => number,
): (input: MetricsInput) => ScalarPoint[] {
  return ({ web }) => (web === undefined ? [] : [{ labels: {}, value: select(web) }]);
}

function perConfigured(
  select: (kdamond: ConfiguredKdamondHealth) => number,
): (input: MetricsInput) => ScalarPoint[] {
  return ({ config }) =>
    (config?.kdamonds ?? []).map((one) => ({
      labels: { kdamond: one.kdamond, name: one.name },
      value: select(one),
    }));
}

/** How far the kernel does what the configuration file says. */
export const CONFIG_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_exporter_config_last_reload_successful',
    otelName: 'damon.exporter.config.last_reload_successful',
    unit: '',
    kind: 'gauge',
    help: 'Whether the configuration file was good and applied when it was last read: 1 or 0.',
    absent: NO_FILE,
    example: {
      answers: 'Exporters that go on with an older configuration than their file.',
      query: 'damon_exporter_config_last_reload_successful == 0',
    },
    labels: [],
    computePoints: ofConfig(({ isLastReloadGood }) => Number(isLastReloadGood)),
  },
  {
    name: 'damon_exporter_config_last_reload_success_timestamp_seconds',
    otelName: 'damon.exporter.config.last_reload_success.timestamp',
    unit: 's',
    kind: 'gauge',
    help: 'When the configuration file was last read and applied, in seconds since 1970.',
    absent: NO_FILE,
    example: {
      answers: 'How old the configuration in force is.',
      query: 'time() - damon_exporter_config_last_reload_success_timestamp_seconds',
    },
    labels: [],
    computePoints: ofConfig(({ lastReloadSuccessMs }) =>
      lastReloadSuccessMs === undefined ? undefined : lastReloadSuccessMs / 1000,
    ),
  },
  {
    name: 'damon_exporter_config_kdamond_in_force',
    otelName: 'damon.exporter.config.kdamond.in_force',
    unit: '',
    kind: 'gauge',
    help: 'Whether a configured kdamond runs and is told just what is configured: 1 or 0.',
    absent: NO_FILE,
    example: {
      answers: 'Share of the configured kdamonds that do what they should.',
      query: 'avg(damon_exporter_config_kdamond_in_force)',
    },
    labels: ['kdamond', 'name'],
    computePoints: perConfigured(({ isInForce }) => Number(isInForce)),
  },
  {
    name: 'damon_exporter_config_kdamond_waiting',
    otelName: 'damon.exporter.config.kdamond.waiting',
    unit: '',
    kind: 'gauge',
    help: 'Whether a configured kdamond waits for something to monitor: 1 or 0.',
    absent: NO_FILE,
    example: {
      answers: 'Services whose processes are not there, by the name of their kdamond.',
      query: 'count by (name) (damon_exporter_config_kdamond_waiting == 1)',
    },
    labels: ['kdamond', 'name'],
    computePoints: perConfigured(({ isWaiting }) => Number(isWaiting)),
  },
  {
    name: 'damon_exporter_config_drift_settings',
    otelName: 'damon.exporter.config.drift.settings',
    unit: '{setting}',
    kind: 'gauge',
    help: 'Settings of a configured kdamond that somebody else has changed.',
    absent: NO_FILE,
    example: {
      answers: 'How many settings of each host somebody else has changed.',
      query: 'sum by (instance) (damon_exporter_config_drift_settings)',
    },
    labels: ['kdamond', 'name'],
    computePoints: perConfigured(({ nrDriftedSettings }) => nrDriftedSettings),
  },
  {
    name: 'damon_exporter_web_config_last_reload_successful',
    otelName: 'damon.exporter.web_config.last_reload_successful',
    unit: '',
    kind: 'gauge',
    help: 'Whether the web configuration file, and what it names, was good when it was last read: 1 or 0.',
    absent: NO_WEB_FILE,
    example: {
      answers: 'Exporters that go on with older certificates or passwords than their files.',
      query: 'damon_exporter_web_config_last_reload_successful == 0',
    },
    labels: [],
    computePoints: ofWebConfig(({ isLastReloadGood }) => Number(isLastReloadGood)),
  },
  {
    name: 'damon_exporter_web_config_last_reload_success_timestamp_seconds',
    otelName: 'damon.exporter.web_config.last_reload_success.timestamp',
    unit: 's',
    kind: 'gauge',
    help: 'When the web configuration in force was read, in seconds since 1970.',
    absent: NO_WEB_FILE,
    example: {
      answers: 'How old the certificates and passwords in force are.',
      query: 'time() - damon_exporter_web_config_last_reload_success_timestamp_seconds',
    },
    labels: [],
    computePoints: ofWebConfig(({ lastReloadSuccessMs }) => lastReloadSuccessMs / 1000),
  },
];
