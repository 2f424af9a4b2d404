import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { MetricFamily } from '../../src/metrics/metricFamily.ts';
import { startOtlpPush } from '../../src/otlp/otlpPush.ts';
import type { OtlpPush } from '../../src/otlp/otlpPush.ts';
import type { OtlpSettings } from '../../src/otlp/otlpSettings.ts';
import { createPushHealth } from '../../src/otlp/pushHealth.ts';
import type { PushHealth } from '../../src/otlp/pushHealth.ts';
import { createMemoryLogger } from '../support/memoryLogger.ts';
import { FULL_OBSERVATION, makeMetrics, STRIPES_SNAPSHOT } from '../support/metricsFixture.ts';
import { startOtlpReceiver } from '../support/otlpReceiver.ts';
import type { Answer, OtlpReceiver } from '../support/otlpReceiver.ts';
import { listMetrics, readResource } from '../support/otlpRequest.ts';
import { decodeJson, decodeProtobuf } from '../support/otlpSchema.ts';

const START_MS = 1_700_000_000_000;
const NOW_MS = 1_700_000_060_500;
const CLOCK = { monotonicNs: () => 60_500_000_000n, wallMs: () => NOW_MS };

let receiver: OtlpReceiver;
let push: OtlpPush | undefined;
let families: readonly MetricFamily[];
let health: PushHealth;
let log: ReturnType<typeof createMemoryLogger>;

beforeEach(() => {
  for (const name of Object.keys(process.env).filter((key) => key.startsWith('OTEL_'))) {
    vi.stubEnv(name, undefined);
  }
  log = createMemoryLogger();
  families = collectEverything();
  health = createPushHealth(CLOCK);
});
afterEach(async () => {
  await push?.stop();
  push = undefined;
  receiver.close();
  vi.unstubAllEnvs();
});

function collectEverything(): MetricFamily[] {
  const metrics = makeMetrics();
  metrics.addSnapshot(STRIPES_SNAPSHOT);
  return metrics.collectFamilies(FULL_OBSERVATION);
}

async function begin(changes: Partial<OtlpSettings> = {}, answer?: Answer): Promise<OtlpReceiver> {
  receiver = await startOtlpReceiver(answer);
  push = await startOtlpPush({
    settings: {
      url: `${receiver.url}/v1/metrics`,
      protocol: 'http/protobuf',
      intervalMs: 3_600_000,
      timeoutMs: 10_000,
      compression: 'none',
      headers: {},
      headerFiles: {},
      tls: {},
      ...changes,
    },
    resource: { version: '1.2.3', instanceId: 'an-id', kernelRelease: '7.2.0-test' },
    health,
    clock: CLOCK,
    observedClock: CLOCK,
    startMs: START_MS,
    logger: log,
    collectFamilies: () => Promise.resolve([...families]),
  });
  return receiver;
}

function findReason(): unknown {
  return log.fields.find((fields) => 'reason' in fields)?.['reason'];
}

async function receive(nrPushes: number): Promise<Buffer> {
  await expect.poll(() => receiver.pushes.length).toBeGreaterThanOrEqual(nrPushes);
  return receiver.pushes[nrPushes - 1]!.body;
}

test('every family arrives with its dotted name, unit, help and points', async () => {
  await begin();
  const metrics = listMetrics(decodeProtobuf(await receive(1)));
  expect([...metrics.keys()]).toEqual(families.map(({ otelName }) => otelName));
  for (const { otelName, unit, help, kind, points } of families) {
    const metric = metrics.get(otelName)!;
    expect({ unit: '', ...metric }).toMatchObject({ unit, description: help });
    const data =
      kind === 'histogram' ? metric.histogram : kind === 'counter' ? metric.sum : metric.gauge;
    const given = data!.dataPoints.map(({ attributes = [] }) =>
      Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue])),
    );
    expect(given).toEqual(points.map(({ labels }) => labels));
    if (kind === 'histogram') continue;
    expect(data!.dataPoints.map(({ asDouble }) => asDouble)).toEqual(
      points.map(({ value }) => Number(value)),
    );
  }
});

test('counters are cumulative sums since the start, histograms have buckets of their own', async () => {
  await begin();
  const metrics = listMetrics(decodeProtobuf(await receive(1)));
  const times = {
    startTimeUnixNano: `${START_MS}000000`,
    timeUnixNano: `${NOW_MS}000000`,
  };
  expect(metrics.get('damon.exporter.snapshots')!.sum).toMatchObject({
    aggregationTemporality: 'AGGREGATION_TEMPORALITY_CUMULATIVE',
    isMonotonic: true,
    dataPoints: [{ asDouble: 1234, ...times }],
  });
  const { aggregationTemporality, dataPoints } = metrics.get('damon.access_ratio')!.histogram!;
  expect(aggregationTemporality).toBe('AGGREGATION_TEMPORALITY_CUMULATIVE');
  const [point] = dataPoints;
  const family = collectEverything().find(({ otelName }) => otelName === 'damon.access_ratio')!;
  if (family.kind !== 'histogram') throw new Error('no histogram');
  const [known] = family.points;
  expect(point).toMatchObject({ explicitBounds: known!.bounds, sum: known!.sum });
  expect(point!.bucketCounts).toHaveLength(known!.bounds.length + 1);
  let below = 0n;
  const cumulative = point!.bucketCounts!.map((count) => (below += BigInt(count)));
  expect(cumulative).toEqual(known!.cumulativeCounts);
  expect(BigInt(point!.count!)).toBe(below);
});

test('a histogram that began to count later than the exporter says since when', async () => {
  const startNs = CLOCK.monotonicNs() - 1_500_000_000n;
  families = families.map((family) =>
    family.kind === 'histogram'
      ? { ...family, points: family.points.map((point) => ({ ...point, startNs })) }
      : family,
  );
  await begin();
  const metrics = listMetrics(decodeProtobuf(await receive(1)));
  expect(metrics.get('damon.idle')!.histogram!.dataPoints[0]).toMatchObject({
    startTimeUnixNano: `${NOW_MS - 1500}000000`,
    timeUnixNano: `${NOW_MS}000000`,
  });
});

test('JSON keeps to the schema of the protocol and tells the same as protobuf', async () => {
  await begin({ protocol: 'http/json' });
  const json = decodeJson((await receive(1)).toString());
  expect(receiver.pushes[0]).toMatchObject({
    path: '/v1/metrics',
    headers: { 'content-type': 'application/json' },
  });
  await push?.stop();
  receiver.close();
  await begin();
  expect(json).toEqual(decodeProtobuf(await receive(1)));
  expect(receiver.pushes[0]!.headers['content-type']).toBe('application/x-protobuf');
});

test('the resource tells service, host and observed kernel', async () => {
  await begin();
  const request = decodeProtobuf(await receive(1));
  expect(readResource(request)).toMatchObject({
    'service.name': 'damon-exporter',
    'service.version': '1.2.3',
    'service.instance.id': 'an-id',
    'os.type': 'linux',
    'os.version': '7.2.0-test',
    'host.name': expect.stringMatching(/./) as string,
  });
  expect(request.resourceMetrics[0]!.scopeMetrics[0]!.scope).toMatchObject({
    name: 'damon-exporter',
    version: '1.2.3',
  });
});

test('what the variables say of the resource goes first', async () => {
  vi.stubEnv('OTEL_SERVICE_NAME', 'mine');
  vi.stubEnv('OTEL_RESOURCE_ATTRIBUTES', 'host.name=here,a.b=c%3Dd');
  await begin();
  expect(readResource(decodeProtobuf(await receive(1)))).toMatchObject({
    'service.name': 'mine',
    'host.name': 'here',
    'a.b': 'c=d',
    'service.instance.id': 'an-id',
  });
});

test('it is pushed at once, at every interval, and a last time at the end', async () => {
  await begin({ intervalMs: 100, timeoutMs: 100 });
  await receive(3);
  const before = receiver.pushes.length;
  await push!.stop();
  push = undefined;
  expect(receiver.pushes.length).toBeGreaterThan(before);
  const { successes, failures } = health.read();
  expect({ successes, failures }).toEqual({ successes: receiver.pushes.length, failures: 0 });
  expect(log.messages.filter((message) => !message.startsWith('debug'))).toEqual([
    'info pushing metrics',
  ]);
});

test('headers and compression are as told, a file of a header is read for every push', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-otlp-'));
  try {
    const path = join(dir, 'token');
    writeFileSync(path, 'Bearer one\n');
    await begin({
      compression: 'gzip',
      headers: { 'x-scope': 'a' },
      headerFiles: { authorization: path },
    });
    await receive(1);
    writeFileSync(path, 'Bearer two\n');
    await push!.stop();
    push = undefined;
    expect(receiver.pushes.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer one',
      'Bearer two',
    ]);
    const [{ headers, body }] = receiver.pushes as [(typeof receiver.pushes)[0]];
    expect(headers).toMatchObject({
      'x-scope': 'a',
      'content-encoding': 'gzip',
      'user-agent': expect.stringMatching(/^damon-exporter\/1\.2\.3 /) as string,
    });
    expect(listMetrics(decodeProtobuf(body)).size).toBeGreaterThan(50);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

describe('a collector that', () => {
  test('refuses is told of once, with its status, and counted every time', async () => {
    await begin({ intervalMs: 100, timeoutMs: 100 }, (response) => {
      response.writeHead(401).end();
    });
    await expect.poll(() => health.read().failures).toBeGreaterThan(2);
    expect(log.messages.filter((message) => message.startsWith('warn'))).toEqual([
      'warn could not push metrics',
    ]);
    expect(findReason()).toBe('HTTP 401 Unauthorized');
    expect(health.read()).toMatchObject({ successes: 0, successAgeSeconds: undefined });
  });

  test('recovers is told of, too', async () => {
    await begin({ intervalMs: 100, timeoutMs: 100 }, (response, index) => {
      response.writeHead(index < 2 ? 500 : 200).end();
    });
    await expect.poll(() => health.read().successes).toBeGreaterThan(0);
    expect(log.messages.filter((message) => !message.startsWith('debug'))).toEqual([
      'info pushing metrics',
      'warn could not push metrics',
      'info pushing metrics again',
    ]);
  });

  test('never ends its answer is left, with one push at a time', async () => {
    let nrOpen = 0;
    let mostOpen = 0;
    await begin({ intervalMs: 200, timeoutMs: 100 }, (response) => {
      nrOpen += 1;
      mostOpen = Math.max(mostOpen, nrOpen);
      response.writeHead(200);
      const dripping = setInterval(() => response.write(' '), 10);
      response.on('close', () => {
        clearInterval(dripping);
        nrOpen -= 1;
      });
    });
    await expect.poll(() => health.read().failures).toBeGreaterThan(1);
    expect(findReason()).toBe('no answer within 100 ms');
    await expect.poll(() => nrOpen).toBe(0);
    expect(mostOpen).toBe(1);
  });

  test('takes a part only is told of once', async () => {
    const partial = '{"partialSuccess":{"rejectedDataPoints":"3","errorMessage":"too old"}}';
    await begin({ protocol: 'http/json', intervalMs: 100, timeoutMs: 100 }, (response) => {
      response.end(partial);
    });
    await receive(3);
    expect(log.messages.filter((message) => message.startsWith('warn'))).toEqual([
      'warn OpenTelemetry client',
    ]);
    expect(log.fields.at(-1)?.['detail']).toContain('too old');
  });
});

test('nothing secret of the endpoint is logged', async () => {
  await begin({ url: 'http://user:hidden@127.0.0.1:1/v1/metrics?key=hidden', timeoutMs: 500 });
  await expect.poll(() => health.read().failures).toBe(1);
  const logged = JSON.stringify(log.fields);
  expect(logged).toContain('http://127.0.0.1:1/v1/metrics');
  expect(logged).toContain('ECONNREFUSED');
  expect(logged).not.toContain('hidden');
});
