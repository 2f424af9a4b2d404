import { diag, DiagLogLevel } from '@opentelemetry/api';
import { emptyResource } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import type { MetricProducer } from '@opentelemetry/sdk-metrics';
import type { Clock } from '../base/clock.ts';
import { describeError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import { createProblemLog } from '../base/problemLog.ts';
import type { MetricFamily } from '../metrics/metricFamily.ts';
import { createExporter } from './createExporter.ts';
import { createDiagLogger } from './diagLogger.ts';
import { createMetricData } from './metricData.ts';
import { formatEndpoint } from './otlpSettings.ts';
import type { OtlpSettings } from './otlpSettings.ts';
import type { PushHealth } from './pushHealth.ts';
import { createResource } from './resource.ts';
import type { ResourceFacts } from './resource.ts';
import { computeHrTime, createStartTimes } from './startTimes.ts';
import { createWatchedExporter } from './watchedExporter.ts';

export interface OtlpPushOptions {
  readonly settings: OtlpSettings;
  readonly resource: ResourceFacts;
  readonly health: PushHealth;
  /** Real time, in which pushes are stamped. */
  readonly clock: Clock;
  /** Of the observed kernel: it tells since when histograms count. */
  readonly observedClock: Pick<Clock, 'monotonicNs'>;
  /** Milliseconds since 1970: since when counters count. */
  readonly startMs: number;
  readonly logger: Logger;
  /** The families of now. */
  readonly collectFamilies: () => Promise<MetricFamily[]>;
}

/** Metrics that are pushed at every interval. */
export interface OtlpPush {
  /** Pushes a last time and ends, within seconds whatever the collector does. */
  stop(): Promise<void>;
}

/** For the last push; a collector that did not take the one before is given less. */
const STOP_MS = { healthy: 5000, failing: 1000 } as const;

function createProducer(options: OtlpPushOptions): MetricProducer {
  const { clock, startMs, collectFamilies } = options;
  const startTimes = createStartTimes(options);
  const scope = { name: 'damon-exporter', version: options.resource.version };
  return {
    collect: async () => {
      // The reader puts its own resource in the place of this one.
      const resource = emptyResource();
      try {
        const families = await collectFamilies();
        const nowMs = Math.max(clock.wallMs(), startMs);
        const metrics = createMetricData(families, {
          now: computeHrTime(nowMs),
          findStart: startTimes.beginPush(nowMs),
        });
        return { resourceMetrics: { resource, scopeMetrics: [{ scope, metrics }] }, errors: [] };
      } catch (error) {
        return { resourceMetrics: { resource, scopeMetrics: [] }, errors: [error] };
      }
    },
  };
}

/** Begins to push, at once and then at every interval, never two at the same time. */
export async function startOtlpPush(options: OtlpPushOptions): Promise<OtlpPush> {
  const { settings, health, logger } = options;
  const url = formatEndpoint(settings.url);
  diag.setLogger(createDiagLogger(logger), {
    logLevel: DiagLogLevel.INFO,
    suppressOverrideMessage: true,
  });
  const { exporter, closeConnections } = await createExporter(
    settings,
    `damon-exporter/${options.resource.version}`,
  );
  const noteProblem = createProblemLog(logger, {
    begun: 'could not push metrics',
    ended: 'pushing metrics again',
    fields: { url },
  });
  let isFailing = false;
  const reader = new PeriodicExportingMetricReader({
    exporter: createWatchedExporter(exporter, {
      timeoutMs: settings.timeoutMs,
      abort: closeConnections,
      onEnd: (reason) => {
        isFailing = reason !== undefined;
        if (isFailing) health.noteFailure();
        else health.noteSuccess();
        noteProblem(reason);
      },
    }),
    exportIntervalMillis: settings.intervalMs,
    exportTimeoutMillis: settings.intervalMs,
    metricProducers: [createProducer(options)],
  });
  const provider = new MeterProvider({
    resource: createResource(options.resource),
    readers: [reader],
  });
  logger.info('pushing metrics', { url, protocol: settings.protocol });
  const first = provider.forceFlush();
  first.catch((error: unknown) => {
    logger.error('could not begin to push metrics', { error: describeError(error) });
  });
  return {
    stop: async () => {
      try {
        await provider.shutdown({ timeoutMillis: isFailing ? STOP_MS.failing : STOP_MS.healthy });
      } catch (error) {
        logger.warn('the last push of metrics failed', { url, reason: describeError(error) });
      }
      closeConnections();
      diag.disable();
    },
  };
}
