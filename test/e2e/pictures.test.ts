import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDamoRecord } from '../support/generateRecord.ts';
import type { Browser } from 'playwright-core';
import { findMissingChromium, launchChromium, openPage } from './chromium.ts';
import type { WatchedPage } from './chromium.ts';
import { runProgram } from './program.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-pictures-'));
const record = join(dir, 'damon.data');

beforeAll(async () => {
  await writeDamoRecord(record, { nrSnapshots: 100, nrRegions: 40, shape: 'staircase' });
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

describe('pictures of a record', () => {
  test.each([
    ['png', /^\x89PNG/],
    ['jpeg', /^\xff\xd8\xff/],
    ['jpg', /^\xff\xd8\xff/],
    ['svg', /^<svg /],
    ['pdf', /^%PDF-/],
  ])('%s: heat and working set size', (extension, signature) => {
    const [heat, wss] = [join(dir, `heat.${extension}`), join(dir, `wss.${extension}`)];
    const outcomes = [
      runProgram('report', 'heats', '-i', record, '--heatmap', heat),
      runProgram('report', 'wss', '-i', record, '--plot', wss),
    ];
    expect(outcomes).toEqual([
      { status: 0, stdout: '', stderr: '' },
      { status: 0, stdout: '', stderr: '' },
    ]);
    for (const path of [heat, wss]) expect(readFileSync(path, 'latin1')).toMatch(signature);
  });

  test.each([
    [['heats', '--heatmap', 'heat.gif'], 2, /heat\.gif: found "\.gif", expected .*\.png, \.svg/],
    [['wss', '--plot', 'wss'], 2, /draw wss: found no ending/],
    [['heats', '--heatmap', '/absent/heat.png'], 5, /\/absent\/heat\.png: .*does not exist/],
    [['html', '-o', '/absent/page.html'], 5, /\/absent\/page\.html: .*does not exist/],
    [['html', '-o', join(dir, 'none.html'), '--tid', '77'], 5, /no snapshot of target 77/],
  ])('report %j is refused with status %i', (args, status, message) => {
    const outcome = runProgram('report', args[0]!, '-i', record, ...args.slice(1));
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
    expect(outcome.status).toBe(status);
    expect(readdirSync(dir)).not.toContain('none.html');
  });
});

describe('what is installed draws by itself', () => {
  const installed = join(dir, 'installed');

  /** Draws with a copy of the package that has no other package beside it. */
  function drawAlone(name: string): ReturnType<typeof spawnSync> {
    const module = pathToFileURL(join(installed, 'dist/report/picture/writePicture.js')).href;
    const code = `
      const { writeWssPicture } = await import(${JSON.stringify(module)});
      const bytes = Float64Array.of(1, 2, 3);
      const curves = [{ label: '1', order: 'size', bytes, percentiles: [] }];
      await writeWssPicture({ title: 'WSS', subtitle: '', curves }, ${JSON.stringify(join(dir, name))})
        .catch(({ message }) => console.log(message));`;
    return spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  }

  beforeAll(() => {
    cpSync('dist', join(installed, 'dist'), { recursive: true });
    cpSync('package.json', join(installed, 'package.json'));
  });

  test('svg needs no other package: the charting library is in the build', () => {
    expect(drawAlone('alone.svg')).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect(readFileSync(join(dir, 'alone.svg'), 'utf8')).toContain('Working set size');
  });

  test('png without the optional canvas says what to install and what works without', () => {
    const { stdout } = drawAlone('alone.png');
    expect(stdout).toMatch(/optional package @napi-rs\/canvas .* install it, or ask for \.svg/);
  });

  test('licences of what is shipped are shipped with it', () => {
    const text = readFileSync(join(installed, 'dist/THIRD_PARTY_LICENSES'), 'utf8');
    const parts = ['Apache ECharts', 'BSD 3-Clause', 'SIL OPEN FONT LICENSE', '==== yargs\n'];
    for (const part of parts) expect(text).toContain(part);
  });
});

const missing = findMissingChromium();
if (missing !== undefined && process.env['CI'] === 'true') throw new Error(missing);

describe.skipIf(missing !== undefined)(
  `report html in a browser${missing ? `: ${missing}` : ''}`,
  () => {
    let browser: Browser;
    let watched: WatchedPage;

    beforeAll(async () => {
      const path = join(dir, 'page.html');
      const outcome = runProgram('report', 'html', '-i', record, '-o', path);
      expect(outcome).toEqual({ status: 0, stdout: '', stderr: '' });
      browser = await launchChromium();
      watched = await openPage(browser, { viewport: { width: 1280, height: 1000 } });
      const { page } = watched;
      await page.goto(pathToFileURL(path).href);
      // Each figure gets a mark for the pointer when its data is ready.
      await page.waitForFunction(
        'document.querySelectorAll("figure svg > path:last-child").length === 5',
      );
    });

    afterAll(() => browser.close());

    test('it loads nothing but itself, and nothing is refused', () => {
      expect(watched.requests.filter((url) => !url.startsWith('data:'))).toEqual([
        expect.stringMatching(/^file:.*page\.html$/),
      ]);
      expect(watched.problems).toEqual([]);
    });

    test.each([
      ['on the stair', 0.15, 0.95, /^about (?:1\d\d|200) Hz\nat 1\.[45]\d s\n0x7f31/],
      ['off the stair', 0.15, 0.05, /^0 Hz\nat 1\.[45]\d s\n0x7f31.* \(\+1\.4\d* GiB\)$/],
    ])('the pointer %s of the heatmap reads heat, time and address', async (_, x, y, reading) => {
      const { page } = watched;
      const [left, top] = await page.evaluate<[number, number]>(`(() => {
      const figure = document.querySelectorAll('figure')[1];
      figure.scrollIntoView();
      const svg = figure.querySelector('svg');
      const { plot } = JSON.parse(figure.querySelector('script').textContent);
      const point = new DOMPoint(plot.left + (plot.right - plot.left) * ${x},
        plot.top + (plot.bottom - plot.top) * ${y}).matrixTransform(svg.getScreenCTM());
      return [point.x, point.y];
    })()`);
      await page.mouse.move(left, top);
      await page.waitForFunction('!document.getElementById("reading").hidden');
      expect(await page.evaluate('document.getElementById("reading").innerText')).toMatch(reading);
    });

    test('it is dark for those who prefer dark', async () => {
      const { page } = watched;
      const background = 'getComputedStyle(document.body).backgroundColor';
      const text = 'getComputedStyle(document.querySelector("figure text")).fill';
      expect(await page.evaluate(background)).toBe('rgb(246, 248, 250)');
      expect(await page.evaluate(text)).toBe('rgb(31, 35, 40)');
      await page.emulateMedia({ colorScheme: 'dark' });
      expect(await page.evaluate(background)).toBe('rgb(13, 17, 23)');
      expect(await page.evaluate(text)).toBe('rgb(230, 237, 243)');
    });
  },
);
