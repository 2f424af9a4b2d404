import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Express, RequestHandler } from 'express';
import { findCodeRoot } from '../base/codeRoot.ts';

interface PageAsset {
  readonly file: string;
  readonly type: string;
  /** Made by the build: the file is only there. */
  readonly isBuilt?: boolean;
}

const LANDING_ASSETS: Readonly<Record<string, PageAsset>> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
  '/icon.svg': { file: 'icon.svg', type: 'image/svg+xml' },
  '/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
};

const LIVE_ASSETS: Readonly<Record<string, PageAsset>> = {
  '/live': { file: 'live.html', type: 'text/html; charset=utf-8' },
  '/live.css': { file: 'live.css', type: 'text/css; charset=utf-8' },
  '/live.js': { file: 'live.js', type: 'text/javascript; charset=utf-8', isBuilt: true },
};

/** Paths that pages have, whether they are served or not. */
export const PAGE_PATHS: readonly string[] = [
  ...Object.keys(LANDING_ASSETS),
  ...Object.keys(LIVE_ASSETS),
];

export interface PageOptions {
  readonly telemetryPath: string;
  readonly version: string;
  /** Whether there is a live page. */
  readonly isLive: boolean;
}

/** Undefined where the build was never run. */
function readAsset({ file, isBuilt = false }: PageAsset): string | undefined {
  const root = findCodeRoot(import.meta.dirname);
  const base = isBuilt ? join(dirname(root), 'dist') : root;
  const path = join(base, 'server/page', file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

/** Lines with links to the live page, where there is none. */
const LIVE_LINKS = /^.*href="live".*\n/gm;

function fillIn(text: string, { telemetryPath, version, isLive }: PageOptions): string {
  return text
    .replaceAll('{{telemetryPath}}', telemetryPath)
    .replaceAll('{{version}}', version)
    .replaceAll(LIVE_LINKS, isLive ? '$&' : '');
}

function createAssetRoute(asset: PageAsset, options: PageOptions): RequestHandler {
  const text = readAsset(asset);
  if (text === undefined) {
    return (_request, response) => {
      response.status(503).type('text/plain').send('not built yet: run "npm run build"\n');
    };
  }
  const body = Buffer.from(asset.isBuilt === true ? text : fillIn(text, options));
  let compressed: Buffer | undefined;
  return (request, response) => {
    response.set({
      'Content-Type': asset.type,
      'Cache-Control': 'no-cache',
      Vary: 'Accept-Encoding',
    });
    if (request.acceptsEncodings('gzip', 'identity') === 'gzip') {
      compressed ??= gzipSync(body, { level: 9 });
      response.set('Content-Encoding', 'gzip').send(compressed);
    } else response.send(body);
  };
}

/** Pages and what they are made of, read once, now. */
export function addPages(app: Express, options: PageOptions): void {
  const assets = { ...LANDING_ASSETS, ...(options.isLive ? LIVE_ASSETS : {}) };
  for (const [path, asset] of Object.entries(assets)) {
    app.get(path, createAssetRoute(asset, options));
  }
}
