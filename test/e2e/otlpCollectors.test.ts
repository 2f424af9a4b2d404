import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { startOtlpReceiver } from '../support/otlpReceiver.ts';
import type { Answer, OtlpReceiver } from '../support/otlpReceiver.ts';
import { listMetrics, readResource } from '../support/otlpRequest.ts';
import { decodeJson } from '../support/otlpSchema.ts';
import { runProgram, startServeUnder, until } from './program.ts';
import type { RunningProgram } from './program.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-otlp-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

let exporter: RunningProgram | undefined;
let receiver: OtlpReceiver | undefined;
afterEach(async () => {
  await exporter?.stop('SIGKILL');
  receiver?.close();
  exporter = undefined;
  receiver = undefined;
});

/** Simulated kernel, environment of OpenTelemetry as given. */
function startPushing(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<RunningProgram> {
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  return startServeUnder(['env', ...variables], '--source', 'simulator', ...args);
}

async function readMetrics({ url }: RunningProgram): Promise<Map<string, number>> {
  const answer = await fetch(new URL('/metrics', url));
  const samples = (await answer.text()).matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm);
  return new Map([...samples].map(([, series = '', value]) => [series, Number(value)]));
}

const PUSHES = 'damon_exporter_otlp_pushes_total';
const RESIDENT = 'process_resident_memory_bytes';

function countWarnings({ readStderr }: RunningProgram): number {
  return readStderr().split('level=warn').length - 1;
}

/** Begins an answer and sends as fast as it is taken, for ever. */
function sendWithoutEnd(response: ServerResponse): void {
  const chunk = Buffer.alloc(65_536);
  const send = (): void => {
    while (!response.destroyed && response.write(chunk)) continue;
  };
  response.on('drain', send);
  send();
}

describe('sampling goes on, memory stays and the end comes soon with a collector that', () => {
  test.each<{ what: string; answer: Answer | undefined; reason: string }>([
    { what: 'is not there', answer: undefined, reason: 'ECONNREFUSED' },
    { what: 'never answers', answer: () => undefined, reason: 'no answer within' },
    {
      what: 'has no time',
      answer: (response) => response.writeHead(503).end(),
      reason: 'asks to try later',
    },
    {
      what: 'closes the connection',
      answer: (response) => response.destroy(),
      reason: 'socket hang up',
    },
    { what: 'answers without end', answer: sendWithoutEnd, reason: 'exceeded size limit' },
  ])('$what', async ({ answer, reason }) => {
    if (answer !== undefined) receiver = await startOtlpReceiver(answer);
    const endpoint = receiver?.url ?? 'http://127.0.0.1:1';
    exporter = await startPushing(
      {},
      ...['--otlp.endpoint', endpoint, '--otlp.interval', '200ms', '--simulator.speed', '5'],
    );
    const { readStderr } = exporter;
    const failures = `${PUSHES}{result="failure"}`;
    const early = await until(async () => {
      const metrics = await readMetrics(exporter!);
      return (metrics.get(failures) ?? 0) >= 5 ? metrics : undefined;
    }, 'pushes fail');
    const late = await until(async () => {
      const metrics = await readMetrics(exporter!);
      return (metrics.get(failures) ?? 0) >= 25 ? metrics : undefined;
    }, 'many pushes fail');
    expect(late.get(`${PUSHES}{result="success"}`)).toBe(0);
    const snapshots = 'damon_exporter_snapshots_total';
    expect(late.get(snapshots)! - early.get(snapshots)!).toBeGreaterThan(50);
    expect(late.get('damon_exporter_lost_events_total')).toBe(0);
    expect(late.get(RESIDENT)! - early.get(RESIDENT)!).toBeLessThan(48 << 20);
    // Once, not for each push; on a slow machine one may take too long, which is another reason.
    expect(countWarnings(exporter)).toBeLessThanOrEqual(3);
    expect(readStderr()).toContain(reason);
    expect(await exporter.stop('SIGTERM')).toBe(0);
    expect(readStderr()).not.toMatch(/^\s+at /m);
  });
});

test('a collector that has no time once gets the same push again', async () => {
  receiver = await startOtlpReceiver((response, index) => {
    response.writeHead(index === 0 ? 503 : 200).end();
  });
  exporter = await startPushing({}, '--otlp.endpoint', receiver.url, '--otlp.interval', '1h');
  await until(async () => {
    const metrics = await readMetrics(exporter!);
    return metrics.get(`${PUSHES}{result="success"}`) === 1 ? metrics : undefined;
  }, 'a push succeeds');
  expect(receiver.pushes).toHaveLength(2);
  expect(receiver.pushes[0]!.body).toEqual(receiver.pushes[1]!.body);
  expect((await readMetrics(exporter)).get(`${PUSHES}{result="failure"}`)).toBe(0);
  expect(countWarnings(exporter)).toBe(0);
});

test('the variables of OpenTelemetry alone are enough, and options go first', async () => {
  receiver = await startOtlpReceiver();
  exporter = await startPushing(
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_HEADERS: 'Authorization=Bearer%20a,x-a=1',
      OTEL_METRIC_EXPORT_INTERVAL: '3600000',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
    ...['--otlp.header', 'x-a=2'],
  );
  const push = await until(() => Promise.resolve(receiver!.pushes[0]), 'a push');
  expect(push.path).toBe('/v1/metrics');
  expect(push.headers).toMatchObject({
    'content-type': 'application/json',
    'content-encoding': 'gzip',
    authorization: 'Bearer a',
    'x-a': '2',
  });
  const request = decodeJson(push.body.toString());
  expect(readResource(request)).toMatchObject({
    'service.name': 'damon-exporter',
    'os.version': '7.2.0-simulated',
    'deployment.environment.name': 'test',
  });
  expect([...listMetrics(request).keys()]).toContain('damon.wss');
  expect(exporter.readStderr()).not.toContain('Bearer');
});

/** An authority, and a certificate of it for client and server of 127.0.0.1. */
function createCertificates(): {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
} {
  const paths = { ca: join(dir, 'ca.pem'), cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  };
  const newKey = ['-newkey', 'rsa:2048', '-nodes', '-keyout'];
  openssl('req', '-x509', ...newKey, 'ca.key', '-out', paths.ca, '-subj', '/CN=ca', '-days', '2');
  openssl('req', ...newKey, paths.key, '-out', 'request.pem', '-subj', '/CN=127.0.0.1');
  writeFileSync(join(dir, 'names'), 'subjectAltName=IP:127.0.0.1\n');
  openssl(
    ...['x509', '-req', '-in', 'request.pem', '-CA', paths.ca, '-CAkey', 'ca.key', '-days', '2'],
    ...['-CAcreateserial', '-extfile', 'names', '-out', paths.cert],
  );
  return paths;
}

test('a collector with certificates of its own gets the pushes', async () => {
  const { ca, cert, key } = createCertificates();
  const server = createHttpsServer({
    ca: readFileSync(ca),
    cert: readFileSync(cert),
    key: readFileSync(key),
    requestCert: true,
    rejectUnauthorized: true,
  });
  let nrPushes = 0;
  server.on('request', (request, response) => {
    nrPushes += 1;
    request.resume().on('end', () => response.end());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    exporter = await startPushing(
      {
        OTEL_EXPORTER_OTLP_CERTIFICATE: ca,
        OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: cert,
        OTEL_EXPORTER_OTLP_CLIENT_KEY: key,
      },
      ...['--otlp.endpoint', endpoint],
    );
    await until(() => Promise.resolve(nrPushes > 0 || undefined), 'a push');
    expect(countWarnings(exporter)).toBe(0);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

/** Which modules a run loaded, as V8 tells at its end. */
async function listModules(name: string, ...args: readonly string[]): Promise<string> {
  const coverageDir = join(dir, name);
  const running = await startServeUnder(
    ['env', `NODE_V8_COVERAGE=${coverageDir}`],
    ...['--source', 'simulator', ...args],
  );
  expect(await running.stop('SIGTERM')).toBe(0);
  return readdirSync(coverageDir)
    .map((file) => readFileSync(join(coverageDir, file), 'utf8'))
    .join('\n');
}

test("OpenTelemetry's client is loaded only where something is pushed", async () => {
  const client = '@opentelemetry/sdk-metrics';
  receiver = await startOtlpReceiver();
  expect(await listModules('with', '--otlp.endpoint', receiver.url)).toContain(client);
  const without = await listModules('without');
  expect(without).toMatch(/dist\/chunks\/runServe-\w+\.js/);
  expect(without).not.toContain(client);
});

test.each([
  [['--otlp.endpoint', 'http://127.0.0.1:1', '--otlp.protocol', 'grpc'], /found "grpc"/],
  [['--otlp.endpoint', 'nowhere'], /--otlp\.endpoint: found "nowhere", expected a URL/],
  [['--otlp.interval', '5s'], /--otlp\.interval: nothing is pushed without --otlp\.endpoint/],
  [['--otlp.endpoint', 'http://127.0.0.1:1', '--otlp.endpoint', 'http://a'], /more than once/],
])('%j is refused before anything starts', (args, message) => {
  const { status, stdout, stderr } = runProgram('serve', '--source', 'simulator', ...args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n').length).toBeLessThan(3);
});

test('no port is needed', async () => {
  receiver = await startOtlpReceiver();
  const child = spawn(
    process.execPath,
    [
      ...['dist/cli/main.js', 'serve', '--source', 'simulator', '--web.listen-address', 'none'],
      ...['--otlp.endpoint', receiver.url],
    ],
    { stdio: 'ignore' },
  );
  const ended = once(child, 'exit');
  await until(() => Promise.resolve(receiver!.pushes[0]), 'a push');
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(receiver.pushes).toHaveLength(2);
});
