import { readFile } from 'node:fs/promises';
import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import type { OTLPMetricExporter as ProtobufExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { OtlpSettings } from './otlpSettings.ts';

type ExporterConfig = NonNullable<ConstructorParameters<typeof ProtobufExporter>[0]>;
type ExporterClass = new (config: ExporterConfig) => PushMetricExporter;

export interface OtlpExporter {
  readonly exporter: PushMetricExporter;
  /** Closes all connections, also those on which an answer is awaited. */
  readonly closeConnections: () => void;
}

/** Headers with the values that the files have now. */
async function readHeaders({
  headers,
  headerFiles,
}: OtlpSettings): Promise<Record<string, string>> {
  const fromFiles = Object.entries(headerFiles).map(
    async ([name, path]) => [name, (await readFile(path, 'utf8')).trim()] as const,
  );
  return { ...headers, ...Object.fromEntries(await Promise.all(fromFiles)) };
}

async function loadExporter({ protocol }: OtlpSettings): Promise<ExporterClass> {
  const loaded =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-metrics-otlp-http')
      : await import('@opentelemetry/exporter-metrics-otlp-proto');
  return loaded.OTLPMetricExporter;
}

/** The client's exporter for one encoding: it sends one request at a time, and retries. */
export async function createExporter(
  settings: OtlpSettings,
  userAgent: string,
): Promise<OtlpExporter> {
  const { url, tls, compression, timeoutMs } = settings;
  const isSecure = url.startsWith('https:');
  const agent = isSecure
    ? new HttpsAgent({ keepAlive: true, ...tls })
    : new HttpAgent({ keepAlive: true });
  const OTLPMetricExporter = await loadExporter(settings);
  const exporter = new OTLPMetricExporter({
    url,
    compression: compression === 'gzip' ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    timeoutMillis: timeoutMs,
    concurrencyLimit: 1,
    headers: () => readHeaders(settings),
    httpAgentOptions: () => agent,
    userAgent,
  });
  return {
    exporter,
    closeConnections: () => {
      agent.destroy();
    },
  };
}
