import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Browser } from 'playwright-core';
import { findMissingChromium, launchChromium, openPage } from './chromium.ts';
import { startServe } from './program.ts';
import type { RunningProgram } from './program.ts';

const missing = findMissingChromium();
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

describe.skipIf(missing !== undefined)(`the live page${missing ? `: ${missing}` : ''}`, () => {
  let browser: Browser;
  let program: RunningProgram;

  beforeAll(async () => {
    [browser, program] = await Promise.all([
      launchChromium(),
      startServe('--source', 'simulator', '--simulator.source', 'trace'),
    ]);
  });

  afterAll(async () => {
    await browser.close();
    await program.stop();
  });

  test('draws, asks nobody else, and nothing is refused', async () => {
    const { page, requests, problems } = await openPage(browser);
    await page.goto(`${program.url}live`);
    await page.locator('#status[data-state="live"]').waitFor();
    await page.locator('#tiles > div:nth-child(5)').waitFor();
    expect(problems).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(program.url))).toEqual([]);
    await page.close();
  });
});
