import express from 'express';
import type { ErrorRequestHandler, Express, RequestHandler, Response } from 'express';
import type { Clock } from '../base/clock.ts';
import { ExporterError, describeError, UsageError } from '../base/errors.ts';
import type { Logger } from '../base/log.ts';
import type { Observation } from '../damon/observation.ts';
import type { LiveHub } from '../live/liveHub.ts';
import { encodeObservation } from '../live/encodeObservation.ts';
import type { Metrics } from '../metrics/metrics.ts';
import { limitRequests } from './limitRequests.ts';
import { createLiveRoute } from './liveRoute.ts';
import { createMetricsRoute } from './metricsRoute.ts';
import { addPages, PAGE_PATHS } from './pageRoutes.ts';

/** Who may come in, and how they are spoken to. */
export interface WebAccess {
  /** Asked before anything else. */
  readonly guard: RequestHandler;
  /** Headers of every answer, in place of those of the same name. */
  readonly readHeaders: () => Readonly<Record<string, string>>;
}

export interface AppDeps {
  /** The newest complete state at once, without asking the kernel; undefined before the first. */
  readonly observe: () => Observation | undefined;
  /**
   * Told of every request for numbers; probes of health do not count. Resolves when there are fresh
   * ones, after this time at the latest.
   */
  readonly noteDemand: (maxWaitMs: number) => Promise<void>;
  readonly metrics: Metrics;
  /** What the live page shows; undefined = there is none. */
  readonly live: LiveHub | undefined;
  /** What POST /-/reload does; undefined = it is not enabled. */
  readonly reload: (() => Promise<void>) | undefined;
  /** Most requests for metrics that are answered at the same time; Infinity = no limit. */
  readonly maxRequests: number;
  /** Where metrics are served, as `parseTelemetryPath` gives it. */
  readonly telemetryPath: string;
  readonly wssThresholdSamples: number;
  readonly version: string;
  /** Undefined = everybody may come in. */
  readonly access: WebAccess | undefined;
  /** The clock that stamps snapshots. */
  readonly clock: Pick<Clock, 'monotonicNs'>;
  readonly logger: Logger;
}

/** A person looks: that is worth a moment. */
const OBSERVATION_WAIT_MS = 1000;

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

function setSecurityHeaders(access: WebAccess | undefined): RequestHandler {
  return (_request, response, next) => {
    response.set({
      'Content-Security-Policy': CONTENT_SECURITY_POLICY,
      'X-Content-Type-Options': 'nosniff',
      'X-Frame-Options': 'DENY',
      'Referrer-Policy': 'no-referrer',
      'Cache-Control': 'no-store',
      ...access?.readHeaders(),
    });
    next();
  };
}

/**
 * Checks a path to serve metrics under: plain characters only, because it becomes a route and part
 * of a page.
 *
 * @throws UsageError
 */
export function parseTelemetryPath(text: string): string {
  const isTaken = PAGE_PATHS.includes(text) || /^\/(-|api|live)(\/|$)/.test(text);
  if (!/^(\/[\w.~-]+)+$/.test(text) || isTaken) {
    throw new UsageError(
      `telemetry path: found "${text}", expected a path such as "/metrics" that is not used by a page`,
    );
  }
  return text;
}

function sendText(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`);
}

const RELOAD_PATH = '/-/reload';

const refuseWrites: RequestHandler = (request, response, next) => {
  const isReload = request.path === RELOAD_PATH && request.method === 'POST';
  if (request.method === 'GET' || request.method === 'HEAD' || isReload) {
    next();
    return;
  }
  response.set('Allow', 'GET, HEAD');
  sendText(response, 405, `${request.method} is not allowed here: everything is read only`);
};

const answerNotFound: RequestHandler = (_request, response) => {
  sendText(response, 404, 'not found');
};

function answerError(logger: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const { status } = Object(error) as { status?: unknown };
    if (typeof status === 'number' && status >= 400 && status < 500) {
      sendText(response, status, 'this request cannot be understood');
      return;
    }
    logger.error('request failed', { path: request.path, error: describeError(error) });
    sendText(response, 500, 'internal error; the log of damon-exporter tells more');
  };
}

/** Reads the file named at the start again, and nothing the request says. */
function createReloadRoute(reload: AppDeps['reload']): RequestHandler {
  return async (request, response) => {
    if (request.method !== 'POST') {
      response.set('Allow', 'POST');
      sendText(response, 405, 'POST here to have the configuration file read again');
      return;
    }
    if (reload === undefined) {
      sendText(
        response,
        403,
        'not enabled: start serve with --config.file and --web.enable-lifecycle',
      );
      return;
    }
    try {
      await reload();
      sendText(response, 200, 'reloaded');
    } catch (error) {
      if (!(error instanceof ExporterError)) throw error;
      sendText(response, 500, error.message);
    }
  };
}

function describeReadiness(observation: Observation): string {
  const { activeSource, isIdle, sourceProblems } = observation.collector;
  if (isIdle) return 'ready, resting until the next request for numbers';
  if (activeSource !== undefined) return `ready, source ${activeSource}`;
  const problems = [...sourceProblems].map(([source, problem]) => `${source}: ${problem}`);
  return ['ready, but no source is usable', ...problems].join('\n');
}

/**
 * All routes as a function of requests; it listens nowhere. Reads the page's files once, now.
 *
 * Routes: `/`, `/live`, the telemetry path, `/-/healthy`, `/-/ready`, `/-/reload`, `/api/v1/observation`.
 */
export function createApp(deps: AppDeps): Express {
  const { observe, noteDemand, telemetryPath, logger } = deps;
  const app = express();
  app.disable('x-powered-by');
  app.set('query parser', false);
  app.set('etag', false);
  app.use(setSecurityHeaders(deps.access), limitRequests);
  if (deps.access !== undefined) app.use(deps.access.guard);
  app.use(refuseWrites);
  addPages(app, { ...deps, isLive: deps.live !== undefined });
  if (deps.live !== undefined) app.get('/live/events', createLiveRoute(deps.live));
  app.get(telemetryPath, createMetricsRoute(deps));
  app.get('/-/healthy', (_request, response) => {
    sendText(response, 200, 'healthy');
  });
  app.get('/-/ready', (_request, response) => {
    const observation = observe();
    if (observation === undefined) sendText(response, 503, 'not ready: nothing was observed yet');
    else sendText(response, 200, describeReadiness(observation));
  });
  app.all(RELOAD_PATH, createReloadRoute(deps.reload));
  app.get('/api/v1/observation', async (_request, response) => {
    await noteDemand(OBSERVATION_WAIT_MS);
    const observation = observe();
    if (observation === undefined) {
      response.status(503).json({ error: 'nothing was observed yet' });
      return;
    }
    const { wssThresholdSamples, clock } = deps;
    const nowNs = clock.monotonicNs();
    response.json(encodeObservation(observation, { wssThresholdSamples, nowNs }));
  });
  app.use(answerNotFound);
  app.use(answerError(logger));
  return app;
}
