import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { findMissingChromium, launchChromium } from '../test/e2e/chromium.ts';
import { waitForData } from '../test/e2e/livePage.ts';
import { startServe } from '../test/e2e/program.ts';

/** The README shows these. */
const FOLDER = 'docs/pictures';
/** A program that takes memory and does not use it again, and a moment when that can be seen. */
const TARGET = '0/0/4';
const SIMULATED_SECONDS = 360;
const SPEED = 4;

const missing = findMissingChromium();
if (missing !== undefined) {
  process.stderr.write(`pictures of the live page: ${missing}\n`);
  process.exit(1);
}
mkdirSync(FOLDER, { recursive: true });
const exporter = await startServe(
  ...['--source', 'simulator', '--simulator.speed', String(SPEED), '--trace.buffer-size', '8M'],
);
const browser = await launchChromium();
try {
  const pages = await Promise.all(
    (['light', 'dark'] as const).map(async (colorScheme) => {
      const viewport = { width: 1280, height: 800 };
      const page = await browser.newPage({ viewport, colorScheme, timezoneId: 'UTC' });
      await page.goto(`${exporter.url}live#target=${encodeURIComponent(TARGET)}`);
      await waitForData(page);
      return { page, path: `${FOLDER}/live-${colorScheme}.png` };
    }),
  );
  await sleep((SIMULATED_SECONDS / SPEED) * 1000);
  for (const { page, path } of pages) {
    await page.screenshot({ path });
    process.stdout.write(`${path}\n`);
  }
} finally {
  await browser.close();
  await exporter.stop();
}
