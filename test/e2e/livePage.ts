import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { expect } from 'vitest';
import { openPage } from './chromium.ts';
import type { WatchedPage } from './chromium.ts';

/** Waits until numbers and pictures are there. */
export async function waitForData(page: Page): Promise<void> {
  await page.locator('#status[data-state="live"]').waitFor();
  await page.locator('#tiles > div:nth-child(5)').waitFor();
}

/** Opens the live page and waits until it shows something. */
export async function openLivePage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const watched = await openPage(browser, options);
  await watched.page.goto(`${url}live`);
  await waitForData(watched.page);
  return watched;
}

/** Exact numbers of the target that is looked at, by what the page calls them; all of one moment. */
export function readNumbers(page: Page): Promise<Record<string, number>> {
  return page.evaluate(`(() => {
    const numbers = {};
    for (const item of document.querySelectorAll('#tiles > div, #percentiles tbody tr')) {
      const [name, value] = item.querySelectorAll('dt, th, [data-value]');
      if (value !== undefined) numbers[name.textContent] = Number(value.dataset.value);
    }
    return numbers;
  })()`);
}

/** Reads a copy: a canvas that is read itself becomes another kind of canvas. */
const READ_PIXELS = `
  const { width, height } = document.querySelector('#heat');
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context.drawImage(document.querySelector('#heat'), 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  // Grey is what was not observed.
  const isHeat = (x, y) => {
    const color = data.slice((y * width + x) * 4, (y * width + x) * 4 + 3);
    return Math.max(...color) - Math.min(...color) > 40;
  };`;

/** Share of the heatmap's picture that has a colour of heat. */
function readCover(page: Page): Promise<number> {
  return page.evaluate(`(() => {${READ_PIXELS}
    let nrHot = 0;
    for (let y = 0; y < height; y += 1) for (let x = 0; x < width; x += 1) nrHot += isHeat(x, y);
    return nrHot / (width * height);
  })()`);
}

/** Widths of what was observed and what was not, in turns, along the middle of the heatmap. */
export function readStretches(page: Page): Promise<{ isHeat: boolean; width: number }[]> {
  return page.evaluate(`(() => {${READ_PIXELS}
    const stretches = [];
    for (let x = 0; x < width; x += 1) {
      const now = isHeat(x, height >> 1);
      if (stretches.at(-1)?.isHeat !== now) stretches.push({ isHeat: now, width: 0 });
      stretches.at(-1).width += 1;
    }
    return stretches;
  })()`);
}

/** Waits until a good second of the heatmap is drawn. */
export async function waitForPicture(page: Page): Promise<void> {
  await expect.poll(() => readCover(page), { timeout: 10_000 }).toBeGreaterThan(0.004);
}

/** How much wider the page is than the screen, in pixels. */
export function readOverflow(page: Page): Promise<number> {
  return page.evaluate(
    'document.documentElement.scrollWidth - document.documentElement.clientWidth',
  );
}

/** The lowest contrast of any text that is seen with what lies below it, as WCAG computes it. */
export function readLowestContrast(page: Page): Promise<{ ratio: number; text: string }> {
  return page.evaluate(`(() => {
    const parse = (color) => {
      const [red, green, blue, alpha = 1] = color.match(/[\\d.]+/g).map(Number);
      return [red, green, blue, alpha];
    };
    const luminance = (color) => {
      const [red, green, blue] = color.slice(0, 3).map((value) => {
        const share = value / 255;
        return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const groundOf = (element) => {
      const layers = [];
      for (let at = element; at !== null; at = at.parentElement) {
        const color = parse(getComputedStyle(at).backgroundColor);
        if (color[3] > 0) layers.unshift(color);
      }
      return layers.reduce((below, above) =>
        below.slice(0, 3).map((value, at) => value + (above[at] - value) * above[3]),
      );
    };
    let lowest = { ratio: Infinity, text: '' };
    for (const element of document.querySelectorAll('body *')) {
      const isText = [...element.childNodes].some(
        ({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim() !== '',
      );
      if (!isText || element.disabled || element.offsetParent === null) continue;
      const [text, ground] = [
        luminance(parse(getComputedStyle(element).color)),
        luminance(groundOf(element)),
      ];
      const ratio = (Math.max(text, ground) + 0.05) / (Math.min(text, ground) + 0.05);
      if (ratio < lowest.ratio) lowest = { ratio, text: element.textContent };
    }
    return lowest;
  })()`);
}
