import { mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askServer } from '../support/askServer.ts';
import { parseSamples, selectValues } from '../vm/guest/serve/metricsText.ts';
import { findMissingChromium, launchChromium } from './chromium.ts';
import type { WatchedPage } from './chromium.ts';
import {
  openLivePage,
  readLowestContrast,
  readOverflow,
  waitForData,
  waitForPicture,
} from './livePage.ts';
import { startServe } from './program.ts';
import type { RunningProgram } from './program.ts';

const missing = findMissingChromium();
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

/** All that the page is made of, and how much that may be. */
const ASSETS = ['/live', '/live.css', '/live.js', '/icon.svg'];
const MAX_COMPRESSED_BYTES = 150_000;

/** Screenshots to look at. */
const PICTURES = '.cache/live';

let browser: Browser;
let program: RunningProgram;

/** The live page of the exporter that most tests share. */
function openLive(options: BrowserContextOptions = {}): Promise<WatchedPage> {
  return openLivePage(browser, program.url, options);
}

describe.skipIf(missing !== undefined)(`the live page${missing ? `: ${missing}` : ''}`, () => {
  beforeAll(async () => {
    mkdirSync(PICTURES, { recursive: true });
    [browser, program] = await Promise.all([
      launchChromium(),
      startServe('--source', 'simulator', '--simulator.source', 'trace'),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
  });

  test('is small, all of it together and compressed', async () => {
    const answers = await Promise.all(ASSETS.map((path) => askServer(program.url, path)));
    expect(answers.map(({ status }) => status)).toEqual(ASSETS.map(() => 200));
    const sizes = answers.map(({ body }) => gzipSync(body).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MAX_COMPRESSED_BYTES);
  });

  test('asks nobody else, and nothing is refused or complained about', async () => {
    const { page, requests, problems } = await openLive();
    await waitForPicture(page);
    expect(problems).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(program.url))).toEqual([]);
    const { headers } = await askServer(program.url, '/live');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    await page.close();
  });

  test.each([
    ['wide', { width: 1440, height: 1000 }],
    ['laptop', { width: 1366, height: 768 }],
    ['narrow', { width: 390, height: 844 }],
  ])('fits a %s screen, and can be read in the light and in the dark', async (name, viewport) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, problems } = await openLive({ viewport, colorScheme });
      await waitForPicture(page);
      expect(await readOverflow(page)).toBe(0);
      const { ratio, text } = await readLowestContrast(page);
      expect([text, ratio >= 4.5]).toEqual([text, true]);
      await page.screenshot({ path: `${PICTURES}/${name}-${colorScheme}.png`, fullPage: true });
      expect(problems).toEqual([]);
      await page.close();
    }
  });

  test('is used by keyboard: targets, time, pause, reading, looking closer', async () => {
    const { page, problems } = await openLive();
    const name = page.locator('#targetName');
    await page.keyboard.press('j');
    await expect.poll(() => name.textContent()).toMatch(/^batch · kdamond 0, target 1/);
    await page.keyboard.press('k');
    await expect.poll(() => name.textContent()).toMatch(/^cache-server/);
    await page.keyboard.press('+');
    await page.getByRole('button', { name: '1 min', pressed: true }).waitFor();
    await page.keyboard.press(' ');
    await page.locator('#status[data-state="held"]').waitFor();
    const heat = page.getByRole('img', { name: /^Heatmap of accesses: 512 MiB/ });
    await heat.focus();
    await page.keyboard.press('ArrowLeft');
    const reading = page.locator('#reading');
    await reading.waitFor();
    expect(await reading.innerText()).toMatch(/^(not observed|\d.* Hz .*)\n0x[0-9a-f]+ – 0x/);
    await page.keyboard.press('Enter');
    await page.getByRole('img', { name: /^Heatmap of accesses: 1[23]\d MiB/ }).waitFor();
    expect(page.url()).toMatch(/#target=0%2F0%2F0&range=[0-9a-f]+-[0-9a-f]+&span=60$/);
    await page.keyboard.press('Escape');
    await page.locator('#status[data-state="live"]').waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    expect(problems).toEqual([]);
    await page.close();
  });

  test('keeps theme and time zone, and the address of the page what is looked at', async () => {
    const context = await browser.newContext({ timezoneId: 'Asia/Kolkata', colorScheme: 'light' });
    const page = await context.newPage();
    await page.goto(`${program.url}live#target=1%2F0%2F0&span=900`);
    await waitForData(page);
    expect(await page.locator('#targetName').textContent()).toMatch(/^physical memory · kdamond 1/);
    const note = page.locator('#timeNote');
    await expect.poll(() => note.textContent()).toMatch(/^times are UTC\+05:30, \d{4}-/);
    await page.getByRole('button', { name: 'UTC' }).click();
    await page.getByRole('button', { name: 'Dark' }).click();
    await page.reload();
    await waitForData(page);
    await expect.poll(() => note.textContent()).toMatch(/^times are UTC, /);
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
    expect(await page.getByRole('button', { name: '15 min' }).getAttribute('aria-pressed')).toBe(
      'true',
    );
    await context.close();
  });

  test('of one who reads nothing keeps nobody else waiting', async () => {
    const { hostname, port } = new URL(program.url);
    const lazy = Array.from({ length: 5 }, (): Socket => {
      const socket = connect(Number(port), hostname);
      socket.pause();
      socket.write('GET /live/events?target=0/0/0 HTTP/1.1\r\nHost: x\r\n\r\n');
      return socket;
    });
    const { page, problems } = await openLive();
    const read = async (): Promise<string> => (await askServer(program.url, '/metrics')).body;
    const before = selectValues(parseSamples(await read()), 'damon_exporter_snapshots_total');
    const shown = page.locator('#health dd[data-value]').first();
    for (let nr = 0; nr < 3; nr += 1) {
      const last = await shown.textContent();
      await expect.poll(() => shown.textContent(), { timeout: 3000 }).not.toBe(last);
    }
    const after = selectValues(parseSamples(await read()), 'damon_exporter_snapshots_total');
    expect(after[0]).toBeGreaterThan(before[0]!);
    expect(problems).toEqual([]);
    for (const socket of lazy) socket.destroy();
    await page.close();
  });
});
