import type { Options } from 'yargs';
import { defineOptions } from '../options.ts';

/** Where the metrics are pushed; what is not given is taken from OpenTelemetry's variables. */
export const OTLP_OPTIONS: Record<string, Options> = defineOptions({
  'otlp.endpoint': {
    type: 'string',
    describe:
      'push the metrics to this OpenTelemetry collector (URL, without /v1/metrics) [default: OTEL_EXPORTER_OTLP_ENDPOINT]',
    group: 'OTLP:',
  },
  'otlp.protocol': {
    type: 'string',
    describe:
      'http/protobuf or http/json [default: OTEL_EXPORTER_OTLP_PROTOCOL, else http/protobuf]',
    group: 'OTLP:',
  },
  'otlp.interval': {
    type: 'string',
    describe: 'how often they are pushed [default: OTEL_METRIC_EXPORT_INTERVAL, else 60s]',
    group: 'OTLP:',
  },
  'otlp.compression': {
    type: 'string',
    describe: 'none or gzip [default: OTEL_EXPORTER_OTLP_COMPRESSION, else none]',
    group: 'OTLP:',
  },
  'otlp.header': {
    type: 'string',
    array: true,
    describe: 'NAME=VALUE to send along, repeatable; added to OTEL_EXPORTER_OTLP_HEADERS',
    group: 'OTLP:',
  },
  'otlp.header-file': {
    type: 'string',
    array: true,
    describe: 'NAME=PATH of a file with the value: unlike an argument, a secret there stays one',
    group: 'OTLP:',
  },
});

export interface OtlpArguments {
  readonly 'otlp.endpoint'?: string | undefined;
  readonly 'otlp.protocol'?: string | undefined;
  readonly 'otlp.interval'?: string | undefined;
  readonly 'otlp.compression'?: string | undefined;
  readonly 'otlp.header'?: readonly string[] | undefined;
  readonly 'otlp.header-file'?: readonly string[] | undefined;
}
