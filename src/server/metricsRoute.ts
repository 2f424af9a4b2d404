import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Request, RequestHandler, Response } from 'express';
import { UsageError } from '../base/errors.ts';
import type { Observation } from '../damon/observation.ts';
import {
  createOpenMetricsEncoder,
  createTextEncoder,
  OPENMETRICS_CONTENT_TYPE,
  TEXT_CONTENT_TYPE,
} from '../metrics/exposition.ts';
import type { Encode } from '../metrics/exposition.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { selectGroups } from './selectGroups.ts';

export interface MetricsRouteDeps {
  readonly observe: () => Observation | undefined;
  /** Told of the request; resolves when numbers are fresh, or after this time. */
  readonly noteDemand: (waitMs: number) => Promise<void>;
  readonly metrics: Metrics;
  /** Most requests answered at the same time; Infinity = no limit. */
  readonly maxRequests: number;
}

interface Format {
  /** As a request names it. */
  readonly mediaType: string;
  readonly contentType: string;
  readonly encode: Encode;
}

type Formats = readonly [Format, ...Format[]];

/** What can be asked for, the first being what is given to somebody without a wish. */
function createFormats(): Formats {
  return [
    {
      mediaType: 'text/plain; version=0.0.4',
      contentType: TEXT_CONTENT_TYPE,
      encode: createTextEncoder(),
    },
    {
      mediaType: 'application/openmetrics-text; version=1.0.0',
      contentType: OPENMETRICS_CONTENT_TYPE,
      encode: createOpenMetricsEncoder(),
    },
  ];
}

/** Of names beyond ASCII, which none of ours has; negotiating would take it for another format. */
const ESCAPING = /;\s*escaping=[\w-]*/g;

/** Longest wait for the kernel when the collecting rested until this request. */
const MAX_WAIT_MS = 2000;
/** Of the time that the scraper gives, for encoding and the way back. */
const RESERVE_MS = 500;

const compress = promisify(gzip);

function chooseFormat(request: Request, formats: Formats): Format {
  const { accept } = request.headers;
  if (accept !== undefined) request.headers.accept = accept.replaceAll(ESCAPING, '');
  const chosen = request.accepts(formats.map(({ mediaType }) => mediaType));
  // Whoever asks for what there is not gets text, as from every exporter.
  return formats.find(({ mediaType }) => mediaType === chosen) ?? formats[0];
}

/** How long a request may wait; a scraper says how long it does itself. */
function computeWaitMs(request: Request): number {
  const seconds = Number(request.get('X-Prometheus-Scrape-Timeout-Seconds') ?? NaN);
  if (!(seconds > 0)) return MAX_WAIT_MS;
  return Math.max(0, Math.min(MAX_WAIT_MS, seconds * 1000 - RESERVE_MS));
}

/** The pieces of a body as they are: a copy of them all would be most of the work. */
function send(response: Response, pieces: readonly Buffer[]): void {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  response.setHeader('Content-Length', length);
  for (const piece of pieces) response.write(piece);
  response.end();
}

function readQuery(request: Request): URLSearchParams {
  return new URLSearchParams(request.originalUrl.split('?', 2)[1] ?? '');
}

/**
 * Answers scrapes: text 0.0.4 or OpenMetrics 1.0 by the Accept header, gzip where it is taken, the
 * groups that `collect[]` or `exclude[]` name. Serves what is known; only after a rest does it wait
 * for the kernel, and never as long as the scraper.
 */
export function createMetricsRoute(deps: MetricsRouteDeps): RequestHandler {
  const { observe, noteDemand, metrics, maxRequests } = deps;
  const formats = createFormats();
  let nrRunning = 0;

  const answer: RequestHandler = async (request, response) => {
    const groups = selectGroups(readQuery(request));
    const { contentType, encode } = chooseFormat(request, formats);
    await noteDemand(computeWaitMs(request));
    const text = await encode(metrics.collectBlocks(observe(), groups));
    const isCompressed = request.acceptsEncodings('gzip', 'identity') === 'gzip';
    if (isCompressed) response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Content-Type', contentType);
    response.setHeader('Vary', 'Accept, Accept-Encoding');
    // The fastest level: on the way of a scrape the time counts, not the last bytes.
    send(response, isCompressed ? [await compress(Buffer.concat(text), { level: 1 })] : text);
  };

  return async (request, response, next) => {
    if (nrRunning >= maxRequests) {
      response.status(503).type('text/plain');
      response.send(
        `${nrRunning} requests are being answered, the most that --web.max-requests allows\n`,
      );
      return;
    }
    nrRunning += 1;
    try {
      await answer(request, response, next);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      response.status(400).type('text/plain').send(`${error.message}\n`);
    } finally {
      nrRunning -= 1;
    }
  };
}
