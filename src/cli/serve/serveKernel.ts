import { systemClock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { Collector, SnapshotSink } from '../../collect/collector.ts';
import type { DamonConfig } from '../../config/config.ts';
import { SOURCE_NAMES } from '../../damon/observation.ts';
import { createTextEncoder } from '../../metrics/exposition.ts';
import { createMetrics, DEFAULT_METRICS_SETTINGS } from '../../metrics/metrics.ts';
import type { Metrics } from '../../metrics/metrics.ts';
import { createProcessStats } from '../../metrics/processStats.ts';
import { createApp } from '../../server/app.ts';
import { listen } from '../../server/listen.ts';
import type { RunningServer } from '../../server/listen.ts';
import { createKernelCollector } from '../collecting/createKernelCollector.ts';
import type { ServeArguments } from './serveArguments.ts';
import type { KernelAccess } from '../kernelAccess.ts';
import { readPackageInfo } from '../packageInfo.ts';
import { countConnections } from './countConnections.ts';
import { countOpenFds } from './countOpenFds.ts';
import { createOwnMonitoring } from '../collecting/ownMonitoring.ts';
import type { OwnMonitoring } from '../collecting/ownMonitoring.ts';
import { createPushHealth } from '../../otlp/pushHealth.ts';
import type { PushHealth } from '../../otlp/pushHealth.ts';
import type { OtlpPush } from '../../otlp/otlpPush.ts';
import type { LiveHub } from '../../live/liveHub.ts';
import { createServedAccess } from './servedAccess.ts';
import type { ServedAccess } from './servedAccess.ts';
import { createServeLive } from './servedLive.ts';
import { createConfigured } from './configMonitoring.ts';
import type { ConfigMonitoring, ConfigReader } from './configMonitoring.ts';
import { startOtlpOutput } from './otlpOutput.ts';
import { startRecording } from './recording.ts';
import type { ServeRecording } from './recording.ts';
import type { ServeSettings } from './settings.ts';
import { startTextfileOutput } from './textfileOutput.ts';
import type { TextfileOutput } from './textfileOutput.ts';

/** Everything that is wired together for one run. */
interface Wiring extends Pick<
  ServeRequest,
  'args' | 'settings' | 'kernel' | 'logger' | 'waitForStop'
> {
  /** Undefined when nothing is to be recorded. */
  readonly recording: ServeRecording | undefined;
  /** Undefined when nothing is pushed. */
  readonly pushHealth: PushHealth | undefined;
  /** Undefined without a web configuration. */
  readonly access: ServedAccess | undefined;
  /** Undefined without a configuration file. */
  readonly configured: ConfigMonitoring | undefined;
}

/** What the run consists of. */
interface Parts {
  readonly own: OwnMonitoring;
  readonly metrics: Metrics;
  readonly collector: Collector;
  /** Undefined when there is no live page. */
  readonly live: LiveHub | undefined;
}

/** For the first numbers after the start; nobody waits for a file or a push. */
const OUTPUT_WAIT_MS = 2000;

function createServeMetrics(wiring: Wiring): Metrics {
  const { settings, kernel, recording, pushHealth, configured, access } = wiring;
  return createMetrics({
    settings: { ...DEFAULT_METRICS_SETTINGS, ...settings.metrics },
    build: {
      version: readPackageInfo().version,
      revision: undefined,
      nodeVersion: process.version,
    },
    clock: kernel.clock,
    readProcess: createProcessStats({ clock: systemClock, countOpenFds }),
    readRecord: () => recording?.sink.health(),
    readOtlp: () => pushHealth?.read(),
    readConfig: () => configured?.health(),
    readWeb: () => access?.health(),
  });
}

function createServeCollector(
  wiring: Wiring,
  { metrics, own, live }: Pick<Parts, 'metrics' | 'own' | 'live'>,
): Collector {
  const { settings, recording } = wiring;
  const metricsSink: SnapshotSink = {
    name: 'metrics',
    take: (snapshot) => {
      metrics.addSnapshot(snapshot);
    },
  };
  const liveSink: SnapshotSink | undefined = live && {
    name: 'live',
    take: (snapshot) => {
      live.take(snapshot);
    },
  };
  const sinks = [metricsSink, recording?.sink, liveSink];
  return createKernelCollector({
    ...wiring,
    ...settings,
    own,
    sourceNames: SOURCE_NAMES,
    sinks: sinks.filter((sink) => sink !== undefined),
    onMachine: (machine) => {
      metrics.addMachine(machine);
      recording?.noteMachine(machine);
    },
    // A record that only has what somebody looked at would be worth little; a push is a look that
    // will come.
    idleAfterMs: recording === undefined && !settings.otlp ? settings.idleAfterMs : undefined,
  });
}

async function listenEverywhere(
  wiring: Wiring,
  { metrics, collector, live }: Pick<Parts, 'metrics' | 'collector' | 'live'>,
): Promise<RunningServer[]> {
  const { settings, kernel, logger, access } = wiring;
  const app = createApp({
    observe: () => collector.observe(),
    noteDemand: (maxWaitMs) => collector.noteDemand(maxWaitMs),
    metrics,
    live,
    reload: wiring.args['web.enable-lifecycle'] ? wiring.configured?.reload : undefined,
    access,
    maxRequests: settings.maxRequests,
    telemetryPath: settings.telemetryPath,
    wssThresholdSamples: settings.metrics.wssThresholdSamples,
    version: readPackageInfo().version,
    clock: kernel.clock,
    logger,
  });
  const servers: RunningServer[] = [];
  const maxConnections = countConnections(settings.listenAddresses.length);
  try {
    for (const address of settings.listenAddresses) {
      servers.push(await listen(app, address, access, maxConnections));
    }
  } catch (error) {
    await Promise.all(servers.map((server) => server.close()));
    throw error;
  }
  return servers;
}

/** Undefined when nothing asks for it. */
function startTextfile(
  { settings: { textfile }, logger }: Wiring,
  metrics: Metrics,
  collector: Collector,
): TextfileOutput | undefined {
  if (textfile === undefined) return undefined;
  logger.info('writing metrics to a file', { path: textfile.path });
  const encode = createTextEncoder();
  return startTextfileOutput({
    ...textfile,
    logger,
    expose: async () => {
      await collector.noteDemand(OUTPUT_WAIT_MS);
      return Buffer.concat(await encode(metrics.collectBlocks(collector.observe())));
    },
  });
}

/** Undefined when nothing is to be pushed. */
async function startPushing(
  { settings, kernel, pushHealth, logger }: Wiring,
  metrics: Metrics,
  collector: Collector,
): Promise<OtlpPush | undefined> {
  if (settings.otlp === undefined || pushHealth === undefined) return undefined;
  return startOtlpOutput({
    settings: settings.otlp,
    health: pushHealth,
    kernel,
    name: JSON.stringify(settings.listenAddresses),
    logger,
    collectFamilies: async () => {
      await collector.noteDemand(OUTPUT_WAIT_MS);
      return metrics.collectFamilies(collector.observe());
    },
  });
}

/** From listening to the end. */
async function serve(wiring: Wiring): Promise<void> {
  const { args, kernel, logger, configured } = wiring;
  const own = configured ?? createOwnMonitoring(args, kernel.fs, logger);
  const metrics = createServeMetrics(wiring);
  const live = createServeLive(wiring, metrics, {
    observe: () => collector.observe(),
    noteDemand: () => void collector.noteDemand(),
  });
  const collector = createServeCollector(wiring, { metrics, own, live });
  const servers = await listenEverywhere(wiring, { metrics, collector, live });
  const stop = wiring.waitForStop(configured);
  const simulated = args.source === 'simulator' || undefined;
  let textfile: TextfileOutput | undefined;
  let push: OtlpPush | undefined;
  try {
    await own.start();
    await collector.start();
    textfile = startTextfile(wiring, metrics, collector);
    push = await startPushing(wiring, metrics, collector);
    for (const { url } of servers) logger.info('serving', { url, simulated });
    await stop;
  } finally {
    live?.stop();
    await Promise.all([...servers.map((server) => server.close()), textfile?.stop(), push?.stop()]);
    wiring.access?.stop();
    try {
      await collector.stop();
    } finally {
      await own.stop();
    }
  }
}

/** What to serve, read and checked. */
export interface ServeRequest {
  readonly args: ServeArguments;
  readonly settings: ServeSettings;
  readonly kernel: KernelAccess;
  readonly logger: Logger;
  /** Undefined without a configuration file. */
  readonly config: DamonConfig | undefined;
  /** Reads that file again. */
  readonly readConfig: ConfigReader | undefined;
  /** Called once all that can be refused was not: resolves when serving is to end. */
  readonly waitForStop: (configured: ConfigMonitoring | undefined) => Promise<unknown>;
}

/**
 * Serves until told to stop. The order matters: whatever can be refused without touching the kernel
 * (the record, ports) is refused first; whatever was changed in the kernel is undone last but for
 * the end of the record.
 */
export async function serveKernel(request: ServeRequest): Promise<void> {
  const { args, settings, kernel, logger, config, readConfig } = request;
  const { fs, clock } = kernel;
  const webFile = args['web.config.file'];
  const access = webFile === undefined ? undefined : createServedAccess(webFile, logger);
  const wallMs = (): number => clock.wallMs();
  const configured =
    config && readConfig && createConfigured({ args, fs, logger, config, readConfig, wallMs });
  const recording = settings.record && (await startRecording(settings.record, kernel, logger));
  try {
    const pushHealth = settings.otlp && createPushHealth(systemClock);
    await serve({ ...request, recording, pushHealth, configured, access });
  } finally {
    await recording?.sink.close();
  }
}
