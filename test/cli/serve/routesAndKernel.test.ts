import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKernelCollector } from '../../../src/cli/collecting/createKernelCollector.ts';
import { createConfigured } from '../../../src/cli/serve/configMonitoring.ts';
import { createServeLive } from '../../../src/cli/serve/servedLive.ts';
import { parseServeSettings } from '../../../src/cli/serve/settings.ts';
import type { Collector } from '../../../src/collect/collector.ts';
import { parseDamonConfig } from '../../../src/config/parseDamonConfig.ts';
import { createApp } from '../../../src/server/app.ts';
import { listen } from '../../../src/server/listen.ts';
import type { RunningServer } from '../../../src/server/listen.ts';
import { createDemoKernel } from '../../../src/simulator/demoScene.ts';
import { createMemoryLogger } from '../../support/memoryLogger.ts';
import { makeMetrics } from '../../support/metricsFixture.ts';
import { SERVE_ARGUMENTS } from '../../support/serveArguments.ts';
import { readDamonTree } from '../../support/sysfsTree.ts';

/** What changes a kernel, done by this program, in order. */
const changes: string[] = [];
const kernel = createDemoKernel({
  version: '7.2',
  seed: 1,
  speed: 1,
  scene: 'idle',
  intercept: (operation, path) => {
    if (!['read', 'list', 'open'].includes(operation)) changes.push(`${operation} ${path}`);
    return undefined;
  },
});
const logger = createMemoryLogger();
const args = { ...SERVE_ARGUMENTS, source: 'simulator' as const };

/** The file that was named at the start, as it is now. */
let text = '';
let nrReads = 0;
const describeConfig = (aggrInterval: string): string =>
  `kdamonds: [{name: all, contexts: [{ops: paddr, intervals: {aggr_us: ${aggrInterval}}, targets: []}]}]`;
const readConfig = () => {
  nrReads += 1;
  return Promise.resolve(parseDamonConfig(text, 'damon.yaml'));
};

text = describeConfig('100ms');
const own = createConfigured({
  ...{ args, fs: kernel.fs, logger, readConfig },
  config: parseDamonConfig(text, 'damon.yaml'),
  wallMs: () => 0,
});
const metrics = makeMetrics();
const collector: Collector = createKernelCollector({
  ...{ args, kernel, own, logger, sinks: [] },
  onMachine: () => undefined,
  pollIntervalMs: 20,
  idleAfterMs: undefined,
  sourceNames: ['trace', 'sysfs', 'damon_stat'],
  sysfsIntervalMs: 1000,
  traceBufferKb: 512,
});
const live = createServeLive(
  { settings: parseServeSettings(args, process.env), kernel, logger },
  metrics,
  {
    observe: () => collector.observe(),
    noteDemand: () => void collector.noteDemand(0),
  },
);
const app = createApp({
  observe: () => collector.observe(),
  noteDemand: (maxWaitMs) => collector.noteDemand(maxWaitMs),
  reload: own.reload,
  ...{ metrics, live, logger, clock: kernel.clock },
  maxRequests: 40,
  telemetryPath: '/metrics',
  access: undefined,
  wssThresholdSamples: 1,
  version: '1.2.3',
});
let server: RunningServer;

beforeAll(async () => {
  await own.start();
  await collector.start();
  server = await listen(app, { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  live?.stop();
  await server.close(100);
  await collector.stop();
  await own.stop();
});

/** Status of the answer; what never ends is cut off. */
function ask(method: string, path: string, body = ''): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(server.url, { method, path, agent: false }, (response) => {
      response.on('error', () => undefined).resume();
      resolve(response.statusCode);
      setTimeout(() => asked.destroy(), 20);
    });
    asked.on('error', reject).on('upgrade', (_response, socket) => socket.destroy());
    asked.end(body);
  });
}

interface Layer {
  readonly route?: { readonly path: string | readonly string[] };
}

/** Every route there is, asked of express itself, so that a new one is not forgotten. */
const routes = (app.router.stack as readonly Layer[]).flatMap(({ route }) => route?.path ?? []);
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'QUERY'];
const HOSTILE = [
  '/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds',
  '/api/v1/kdamonds/0/state?value=off',
  '/metrics/../-/reload',
  '/-/reload/',
  '/-/reload%00',
  '/-/RELOAD',
  '//-/reload',
  '/-/quit',
  '/nothing',
];

/** Settings; the kernel itself changes what it counts and tunes. */
const COUNTED = /stats|tried_regions|\/pid$|effective_bytes|current_value/;
const readSettings = () => [...readDamonTree(kernel.fs)].filter(([path]) => !COUNTED.test(path));

test('all routes are looked at', () => {
  expect(routes).toEqual(
    expect.arrayContaining([
      ...['/', '/live', '/live/events', '/metrics', '/-/healthy', '/-/ready', '/-/reload'],
      '/api/v1/observation',
    ]),
  );
});

describe('the kernel is as before', () => {
  const paths = [...new Set([...routes, ...HOSTILE])];
  test.each(paths)('after all methods on %s', async (path) => {
    const [before, settings, reads] = [changes.length, readSettings(), nrReads];
    const body = 'file=/etc/damon.yaml&state=off';
    const isReload = (method: string): boolean => method === 'POST' && path === '/-/reload';
    for (const method of METHODS.filter((name) => !isReload(name))) {
      const status = await ask(method, path, ['GET', 'HEAD', 'TRACE'].includes(method) ? '' : body);
      if (!['GET', 'HEAD'].includes(method)) expect([method, status]).not.toEqual([method, 200]);
    }
    expect(changes.slice(before)).toEqual([]);
    expect(readSettings()).toEqual(settings);
    expect(nrReads).toBe(reads);
  });
});

describe('POST /-/reload', () => {
  test('reads the file again, once; where it says the same, nothing is written', async () => {
    const [before, reads] = [changes.length, nrReads];
    expect(await ask('POST', '/-/reload?config.file=/etc/passwd', 'kdamonds: []')).toBe(200);
    expect(nrReads).toBe(reads + 1);
    expect(changes.slice(before)).toEqual([]);
  });

  test('does what the file says, and that alone', async () => {
    text = describeConfig('200ms');
    const before = changes.length;
    expect(await ask('POST', '/-/reload', describeConfig('300ms'))).toBe(200);
    expect(changes.length).toBeGreaterThan(before);
    const aggr =
      'sys/kernel/mm/damon/admin/kdamonds/0/contexts/0/monitoring_attrs/intervals/aggr_us';
    expect(kernel.fs.readText(aggr)).toBe('200000\n');
  });
});
