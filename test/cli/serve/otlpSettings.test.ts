import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { OtlpArguments } from '../../../src/cli/serve/otlpOptions.ts';
import { parseOtlpSettings } from '../../../src/cli/serve/otlpSettings.ts';
import type { Environment } from '../../../src/cli/serve/otlpVariables.ts';
import type { OtlpSettings } from '../../../src/otlp/otlpSettings.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-otlp-'));
const token = join(dir, 'token');
writeFileSync(token, 'Bearer abc\n');
const binary = join(dir, 'binary');
writeFileSync(binary, 'a\nb');
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const ON = { 'otlp.endpoint': 'http://collector:4318' } as const;

test('by default it is off', () => {
  expect(parseOtlpSettings({}, {})).toBeUndefined();
});

test('with an endpoint alone the defaults are those of the specification', () => {
  expect(parseOtlpSettings(ON, {})).toEqual({
    url: 'http://collector:4318/v1/metrics',
    protocol: 'http/protobuf',
    intervalMs: 60_000,
    timeoutMs: 10_000,
    compression: 'none',
    headers: {},
    headerFiles: {},
    tls: {},
  });
});

describe('off', () => {
  test.each<[OtlpArguments, Environment]>([
    [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }],
    [{}, { OTEL_METRICS_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }],
    [{}, { OTEL_METRICS_EXPORTER: 'prometheus', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }],
    [{}, { OTEL_SDK_DISABLED: 'TRUE', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a' }],
    [{ 'otlp.interval': '5s' }, { OTEL_SDK_DISABLED: 'true' }],
    [{}, { OTEL_SDK_DISABLED: 'true', OTEL_METRICS_EXPORTER: 'otlp' }],
  ])('%j %j', (args, env) => {
    expect(parseOtlpSettings(args, env)).toBeUndefined();
  });
});

describe('taken', () => {
  test.each<[OtlpArguments, Environment, Partial<OtlpSettings>]>([
    [{}, { OTEL_METRICS_EXPORTER: 'otlp' }, { url: 'http://localhost:4318/v1/metrics' }],
    [{}, { OTEL_METRICS_EXPORTER: 'prometheus, otlp' }, { protocol: 'http/protobuf' }],
    [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://a/b/' }, { url: 'https://a/b/v1/metrics' }],
    [{}, { OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://a/push' }, { url: 'http://a/push' }],
    [
      {},
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://b' },
      { url: 'http://b/' },
    ],
    [
      ON,
      { OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'http://b' },
      { url: 'http://collector:4318/v1/metrics' },
    ],
    [{ 'otlp.endpoint': 'http://a/v1/metrics' }, {}, { url: 'http://a/v1/metrics' }],
    [
      { 'otlp.endpoint': 'http://u:p@a/opentelemetry?k=v' },
      {},
      { url: 'http://u:p@a/opentelemetry/v1/metrics?k=v' },
    ],
    [ON, { OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, { protocol: 'http/json' }],
    [
      ON,
      {
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'http/json',
      },
      { protocol: 'http/json' },
    ],
    [
      { ...ON, 'otlp.protocol': 'http/protobuf' },
      { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'grpc' },
      { protocol: 'http/protobuf' },
    ],
    [{ ...ON, 'otlp.interval': '5s' }, {}, { intervalMs: 5000, timeoutMs: 5000 }],
    [ON, { OTEL_METRIC_EXPORT_INTERVAL: '15000' }, { intervalMs: 15_000, timeoutMs: 10_000 }],
    [ON, { OTEL_EXPORTER_OTLP_TIMEOUT: '20000' }, { timeoutMs: 20_000 }],
    [
      ON,
      { OTEL_EXPORTER_OTLP_TIMEOUT: '20000', OTEL_EXPORTER_OTLP_METRICS_TIMEOUT: '300' },
      { timeoutMs: 300 },
    ],
    [ON, { OTEL_METRIC_EXPORT_TIMEOUT: '700' }, { timeoutMs: 700 }],
    [ON, { OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip' }, { compression: 'gzip' }],
    [
      { ...ON, 'otlp.compression': 'none' },
      { OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: 'gzip' },
      { compression: 'none' },
    ],
    [
      { ...ON, 'otlp.header': ['X-Scope=a=b%20', 'empty='] },
      {
        OTEL_EXPORTER_OTLP_HEADERS: 'authorization=Basic%20YQ==, x-scope=generic,,',
        OTEL_EXPORTER_OTLP_METRICS_HEADERS: 'Authorization=Bearer x',
      },
      { headers: { authorization: 'Bearer x', 'x-scope': 'a=b%20', empty: '' } },
    ],
    [
      { ...ON, 'otlp.header-file': [`Authorization=${token}`] },
      {},
      { headerFiles: { authorization: token } },
    ],
    [ON, { OTEL_RESOURCE_ATTRIBUTES: 'a=b, c.d=e%2C,' }, {}],
  ])('%j %j', (args, env, expected) => {
    expect(parseOtlpSettings(args, env)).toMatchObject(expected);
  });
});

describe('refused with a sentence that shows no secret', () => {
  test.each<[OtlpArguments, Environment, RegExp]>([
    [{ 'otlp.endpoint': '' }, {}, /--otlp\.endpoint: found "", expected a URL/],
    [{ 'otlp.endpoint': 'collector:4318' }, {}, /found "collector:4318", expected a URL/],
    [{ 'otlp.endpoint': 'ftp://u:hidden@a/?hidden' }, {}, /found "ftp:\/\/…@a\/\?…"/],
    [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://' }, /^OTEL_EXPORTER_OTLP_ENDPOINT: found/],
    [{ ...ON, 'otlp.protocol': 'grpc' }, {}, /--otlp\.protocol: found "grpc".*gRPC is not spoken/],
    [ON, { OTEL_EXPORTER_OTLP_PROTOCOL: 'tcp' }, /OTEL_EXPORTER_OTLP_PROTOCOL: found "tcp"/],
    [{ ...ON, 'otlp.interval': '99ms' }, {}, /--otlp\.interval: found "99ms", expected 100 ms/],
    [{ ...ON, 'otlp.interval': 'max' }, {}, /--otlp\.interval/],
    [ON, { OTEL_METRIC_EXPORT_INTERVAL: 'often' }, /OTEL_METRIC_EXPORT_INTERVAL/],
    [ON, { OTEL_EXPORTER_OTLP_TIMEOUT: '0' }, /OTEL_EXPORTER_OTLP_TIMEOUT: found "0"/],
    [{ ...ON, 'otlp.compression': 'zstd' }, {}, /--otlp\.compression: found "zstd", expected none/],
    [{ ...ON, 'otlp.header': ['hidden'] }, {}, /--otlp\.header: expected NAME=VALUE/],
    [{ ...ON, 'otlp.header': ['=hidden'] }, {}, /--otlp\.header: expected NAME=VALUE/],
    [{ ...ON, 'otlp.header': ['a b=hidden'] }, {}, /--otlp\.header: expected NAME=VALUE/],
    [{ ...ON, 'otlp.header': ['a=hid\nden'] }, {}, /the value of "a" has characters/],
    [ON, { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,hidden' }, /OTEL_EXPORTER_OTLP_HEADERS: expected NAME/],
    [ON, { OTEL_EXPORTER_OTLP_HEADERS: 'a=%hidden' }, /value of "a" is not percent-encoded/],
    [{ ...ON, 'otlp.header-file': ['a=/no/such'] }, {}, /--otlp\.header-file: ENOENT/],
    [{ ...ON, 'otlp.header-file': [`a=${binary}`] }, {}, /binary: the value of "a" has characters/],
    [ON, { OTEL_EXPORTER_OTLP_CLIENT_KEY: '/no/such' }, /OTEL_EXPORTER_OTLP_CLIENT_KEY: ENOENT/],
    [
      ON,
      { OTEL_EXPORTER_OTLP_CERTIFICATE: token },
      /OTEL_EXPORTER_OTLP_CERTIFICATE: expected a PEM file/,
    ],
    [ON, { OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: token }, /CLIENT_CERTIFICATE: expected a PEM/],
    [ON, { OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY: token }, /METRICS_CLIENT_KEY: expected a PEM/],
    [ON, { OTEL_RESOURCE_ATTRIBUTES: 'a=b,c' }, /OTEL_RESOURCE_ATTRIBUTES: found "c"/],
    [ON, { OTEL_RESOURCE_ATTRIBUTES: 'a=b=c' }, /OTEL_RESOURCE_ATTRIBUTES: found "a=b=c"/],
    [ON, { OTEL_RESOURCE_ATTRIBUTES: 'a=%zz' }, /OTEL_RESOURCE_ATTRIBUTES: found "a=%zz"/],
    [{}, { OTEL_METRICS_EXPORTER: 'otlp,jaeger' }, /OTEL_METRICS_EXPORTER: found "jaeger"/],
    [{ 'otlp.header': ['a=hidden'] }, {}, /--otlp\.header: nothing is pushed without/],
  ])('%j %j', (args, env, message) => {
    const parse = () => parseOtlpSettings(args, env);
    expect(parse).toThrow(RangeError);
    expect(parse).toThrow(message);
    expect(parse).not.toThrow(/hidden/);
  });
});
