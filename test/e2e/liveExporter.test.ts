import { isDeepStrictEqual } from 'node:util';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { askServer } from '../support/askServer.ts';
import { findFreePort } from '../support/freePort.ts';
import { parseSamples, selectValues } from '../vm/guest/serve/metricsText.ts';
import type { Samples } from '../vm/guest/serve/metricsText.ts';
import { findMissingChromium, launchChromium, openPage } from './chromium.ts';
import type { WatchedPage } from './chromium.ts';
import { openLivePage, readNumbers, readStretches, waitForPicture } from './livePage.ts';
import { startServe, until } from './program.ts';
import type { RunningProgram } from './program.ts';

const missing = findMissingChromium();
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

let browser: Browser;

function openLive(url: string): Promise<WatchedPage> {
  return openLivePage(browser, url);
}

async function readMetrics(url: string): Promise<Samples> {
  return parseSamples((await askServer(url, '/metrics')).body);
}

describe.skipIf(missing !== undefined)('the live page and its exporter', () => {
  const running: RunningProgram[] = [];

  /** Stopped after the test, however it ends. */
  async function startExporter(...args: readonly string[]): Promise<RunningProgram> {
    const exporter = await startServe('--source', 'simulator', ...args);
    running.push(exporter);
    return exporter;
  }

  beforeAll(async () => {
    browser = await launchChromium();
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await Promise.all(running.splice(0).map((exporter) => exporter.stop()));
  });

  afterAll(() => browser.close());

  test('shows the numbers of /metrics of the same moment', async () => {
    const exporter = await startExporter(
      ...['--simulator.source', 'sysfs', 'paddr'],
      ...['--collect.sysfs-interval', '2s'],
    );
    const { page } = await openLive(exporter.url);
    const readExposed = async (): Promise<Record<string, number>> => {
      const samples = await readMetrics(exporter.url);
      const read = (family: string, labels = {}): number =>
        selectValues(samples, family, labels)[0]!;
      const percentile = (percent: number): number =>
        read('damon_wss_window_bytes', { percentile: String(percent) });
      return {
        monitored: read('damon_monitored_bytes'),
        'working set': read('damon_wss_bytes'),
        'idle 2m or longer': read('damon_cold_bytes', { idle: '2m' }),
        regions: read('damon_regions'),
        smallest: percentile(0),
        ...Object.fromEntries([25, 50, 75, 90, 95, 99].map((p) => [`p${p}`, percentile(p)])),
        largest: percentile(100),
      };
    };
    const readBoth = async () => [await readNumbers(page), await readExposed()] as const;
    // A frame is up to a second old: where a snapshot came in between, the next look tells.
    let seen = await readBoth();
    const distinct = new Set<string>();
    for (let tries = 0; tries < 60 && distinct.size < 3; tries += 1) {
      seen = await readBoth();
      if (isDeepStrictEqual(...seen)) distinct.add(JSON.stringify(seen[0]));
      await page.waitForTimeout(200);
    }
    expect(seen[0]).toEqual(seen[1]);
    expect(distinct.size).toBe(3);
  });

  test('is live again after a restart, with a gap for the time in between', async () => {
    const address = `127.0.0.1:${await findFreePort()}`;
    const start = () => startExporter('--web.listen-address', address);
    const first = await start();
    const { page } = await openLive(`http://${address}/`);
    await page.keyboard.press('+');
    // Of 60 seconds: more than ages tell of the time before.
    const countSeen = async (): Promise<number> =>
      (await readStretches(page)).reduce((sum, { isHeat, width }) => sum + (isHeat ? width : 0), 0);
    await expect.poll(countSeen, { timeout: 10_000 }).toBeGreaterThan(60);
    await first.stop('SIGKILL');
    await page.locator('#status[data-state="broken"]').waitFor();
    // Tried after half a second, and a second later: on a fast machine all else takes less than that.
    await page.locator('#status', { hasText: '; trying again in 2 s' }).waitFor();
    await start();
    await page.locator('#status[data-state="live"]').waitFor();
    // A second of 60 is some 12 pixels wide: seen, then nothing for a while, then seen again.
    const isGapShown = async (): Promise<boolean> => {
      const stretches = await readStretches(page);
      return stretches.some(({ isHeat, width }, at) => {
        const [before, after] = [stretches[at - 1], stretches[at + 1]];
        return !isHeat && width > 12 && before !== undefined && (after?.width ?? 0) > 24;
      });
    };
    await expect.poll(isGapShown, { timeout: 10_000 }).toBe(true);
  });

  test('says what to do where nothing is monitored', async () => {
    const exporter = await startExporter('--simulator.scene', 'idle');
    const { page, problems } = await openPage(browser);
    await page.goto(`${exporter.url}live`);
    await page.getByRole('heading', { name: 'Nothing is monitored' }).waitFor();
    expect(await page.locator('#empty').innerText()).toContain('damon-exporter serve paddr');
    expect(problems).toEqual([]);
  });

  test('tells one too many why it shows nothing', async () => {
    const exporter = await startExporter('--web.max-watchers', '1');
    const first = await openLive(exporter.url);
    const second = await openPage(browser);
    await second.page.goto(`${exporter.url}live`);
    const status = second.page.locator('#status[data-state="broken"]');
    await status.waitFor();
    expect(await status.textContent()).toMatch(/^1 pages watch already, .*--web\.max-watchers/);
    await first.page.close();
    await second.page.locator('#status[data-state="live"]').waitFor();
  });

  test('is not there when no browser may watch', async () => {
    const exporter = await startExporter('--web.max-watchers', '0');
    const paths = ['/live', '/live/events', '/live.js'];
    const answers = await Promise.all(paths.map((path) => askServer(exporter.url, path)));
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404]);
    expect((await askServer(exporter.url, '/')).body).not.toContain('href="live"');
  });

  test('shows 10,000 regions, and neither it nor the exporter falls behind', async () => {
    const exporter = await startExporter(
      ...['paddr', '--trace.buffer-size', '64M'],
      ...['--monitoring_nr_regions_range', '10000', '20000'],
      // Simulating the sampling of so many takes a processor at the usual intervals.
      ...['--monitoring_intervals', '50ms', '1s', '10s'],
    );
    const { page, problems } = await openLive(exporter.url);
    expect((await readNumbers(page))['regions']).toBeGreaterThanOrEqual(10_000);
    await waitForPicture(page);
    await until(async () => {
      const samples = await readMetrics(exporter.url);
      expect(selectValues(samples, 'damon_exporter_spoiled_snapshots_total')).toEqual([0]);
      const [snapshots = 0] = selectValues(samples, 'damon_exporter_snapshots_total');
      return snapshots >= 10 ? true : undefined;
    }, '10 snapshots');
    expect(await page.locator('#status').textContent()).toBe('live, source trace');
    expect(problems).toEqual([]);
  });
});
