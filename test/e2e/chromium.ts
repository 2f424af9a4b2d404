import { spawnSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

/** As Debian's package "chromium" installs it. */
const PROGRAM = '/usr/bin/chromium';

/** Undefined, or why tests in a browser cannot run here. */
export function findMissingChromium(): string | undefined {
  const { status } = spawnSync(PROGRAM, ['--version'], { timeout: 30_000 });
  return status === 0 ? undefined : `${PROGRAM} is not installed (Debian package "chromium")`;
}

/** Starts a browser; tests run as root, which its sandbox does not like. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, chromiumSandbox: false });
}

/** A page that remembers what it asked for and what went wrong. */
export interface WatchedPage {
  readonly page: Page;
  /** Anything it loaded or tried to load. */
  readonly requests: string[];
  /** Errors of scripts, and refusals by policy. */
  readonly problems: string[];
}

export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const page = await browser.newPage(options);
  const requests: string[] = [];
  const problems: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  page.on('pageerror', ({ message }) => problems.push(message));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(message.text());
  });
  return { page, requests, problems };
}
