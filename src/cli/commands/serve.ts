import type { Argv, CommandModule } from 'yargs';
import { OWN_KDAMOND_OPTIONS, TRACE_OPTIONS } from '../collecting/collectingOptions.ts';
import { LOG_OPTIONS, PATH_OPTIONS, SIMULATOR_OPTIONS, defineOptions } from '../options.ts';
import { MONITORING_OPTIONS } from '../monitoringOptions.ts';
import { DRY_RUN_OPTION } from '../schemes/changingOptions.ts';
import { METRICS_OPTIONS } from '../serve/metricsOptions.ts';
import { OTLP_OPTIONS } from '../serve/otlpOptions.ts';
import { DEFAULT_LISTEN_ADDRESS, SOURCE_CHOICES } from '../serve/serveArguments.ts';
import type { ServeArguments } from '../serve/serveArguments.ts';

const SERVE_OPTIONS = defineOptions({
  source: {
    choices: SOURCE_CHOICES,
    default: 'auto',
    describe:
      'where snapshots come from; auto takes the first of trace, sysfs, damon_stat that works',
    group: 'Collecting:',
  },
  'collect.interval': {
    type: 'string',
    default: '250ms',
    describe: 'how often the source is read',
    group: 'Collecting:',
  },
  'collect.sysfs-interval': {
    type: 'string',
    default: '5s',
    describe: 'how often the sysfs source asks the kernel for regions',
    group: 'Collecting:',
  },
  'collect.idle-after': {
    type: 'string',
    default: '5m',
    describe: 'stop reading when nobody has looked for this long ("max" = never)',
    group: 'Collecting:',
  },
  'web.listen-address': {
    type: 'string',
    array: true,
    // A default would hide that the value is missing: yargs takes it instead of complaining.
    describe: `HOST:PORT or unix:/PATH to serve on, repeatable, or "none" [default: "${DEFAULT_LISTEN_ADDRESS}"]`,
    group: 'Web:',
  },
  'web.systemd-socket': {
    type: 'boolean',
    default: false,
    describe: 'serve on the sockets that systemd listens on for this',
    group: 'Web:',
  },
  'web.config.file': {
    type: 'string',
    describe: 'TLS, passwords, headers and limits, as YAML in the form of Prometheus',
    group: 'Web:',
  },
  'web.telemetry-path': {
    type: 'string',
    default: '/metrics',
    describe: 'path of the metrics',
    group: 'Web:',
  },
  'web.enable-lifecycle': {
    type: 'boolean',
    default: false,
    describe: 'let POST /-/reload read the configuration file again',
    group: 'Web:',
  },
  'web.max-requests': {
    type: 'number',
    default: 40,
    describe: 'most requests for metrics answered at the same time (0 = no limit)',
    group: 'Web:',
  },
  'web.max-watchers': {
    type: 'number',
    default: 20,
    describe: 'most browsers that may watch the live page at the same time (0 = no live page)',
    group: 'Web:',
  },
  'output.textfile': {
    type: 'string',
    describe: 'also write the metrics to this file (NAME.prom), for node_exporter to serve',
    group: 'Metrics:',
  },
  'output.textfile-interval': {
    type: 'string',
    default: '15s',
    describe: 'how often that file is written',
    group: 'Metrics:',
  },
  'record.path': {
    type: 'string',
    describe:
      'record all snapshots to files beside this path (PATH.000001, …), or in this directory',
    group: 'Recording:',
  },
  'record.max-size': {
    type: 'string',
    default: '256M',
    describe: 'most room the record takes; the oldest goes first',
    group: 'Recording:',
  },
  'record.max-age': {
    type: 'string',
    default: '7d',
    describe: 'how long the record is kept ("max" = as long as there is room)',
    group: 'Recording:',
  },
  'record.flush-interval': {
    type: 'string',
    default: '5s',
    describe: 'how often the record is written to; a crash loses at most this',
    group: 'Recording:',
  },
});

const CONFIG_OPTIONS = defineOptions({
  'config.file': {
    type: 'string',
    describe: 'kdamonds and schemes to keep up, as YAML; read again at SIGHUP',
    group: 'Configuration:',
  },
  'config.trusted': {
    type: 'boolean',
    default: false,
    describe: 'read the file although others than its owner may write it',
    group: 'Configuration:',
  },
});

/** A file gives way to the command line, but not to its defaults. */
function listGiven(args: object, yargs: Argv): ReadonlySet<string> {
  const { defaulted = {} } = Object(yargs.parsed) as { defaulted?: Record<string, boolean> };
  return new Set(Object.keys(args).filter((name) => defaulted[name] !== true));
}

export const serveCommand: CommandModule<object, ServeArguments> = {
  command: 'serve [target..]',
  describe: 'export DAMON as Prometheus metrics, with a live page',
  builder: (yargs) =>
    yargs
      .positional('target', {
        type: 'string',
        array: true,
        describe: 'process ids, or paddr: also start a kdamond that monitors this',
      })
      .options({
        ...DRY_RUN_OPTION,
        ...SERVE_OPTIONS,
        ...METRICS_OPTIONS,
        ...OTLP_OPTIONS,
        ...TRACE_OPTIONS,
        ...CONFIG_OPTIONS,
        ...OWN_KDAMOND_OPTIONS,
        ...MONITORING_OPTIONS,
        ...PATH_OPTIONS,
        ...SIMULATOR_OPTIONS,
        ...LOG_OPTIONS,
      })
      .middleware((args) => {
        Object.assign(args, { given: listGiven(args, yargs) });
      })
      .example('$0 serve', 'observe whatever DAMON runs here, writing nothing to it')
      .example('$0 serve $(pidof mysqld)', 'monitor a process')
      .example('$0 serve --config.file config/observe.yaml', 'do what a file says')
      .example('$0 serve --source simulator', 'try it without DAMON or root') as never,
  handler: async (args) => {
    const { keepHeapSmall } = await import('../serve/keepHeapSmall.ts');
    keepHeapSmall();
    const { runServe } = await import('../serve/runServe.ts');
    await runServe(args);
  },
};
