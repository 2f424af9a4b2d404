import type { Request, RequestHandler, Response } from 'express';
import { UsageError } from '../base/errors.ts';
import type { LiveHub } from '../live/liveHub.ts';
import type { ViewRequest } from '../live/liveFrames.ts';

/** Each part is a label; kernels that print pointers have long ones. */
const MAX_TARGET_LENGTH = 300;

function parseRange(text: string): NonNullable<ViewRequest['range']> {
  const match = /^([0-9a-f]{1,16})-([0-9a-f]{1,16})$/.exec(text);
  const [start, end] = [Number(`0x${match?.[1] ?? ''}`), Number(`0x${match?.[2] ?? ''}`)];
  if (match === null || !(end > start)) {
    throw new UsageError(`range: found "${text}", expected START-END in hexadecimal`);
  }
  return { start, end };
}

/**
 * What `target` (as in `0/0/0`: kdamond, context, target) and `range` (of its addresses, beside the
 * whole) ask for.
 *
 * @throws UsageError
 */
export function parseViewRequests(query: URLSearchParams): ViewRequest[] {
  const target = query.get('target');
  const range = query.get('range');
  if (target === null) {
    if (range !== null) throw new UsageError('range: found without a target');
    return [];
  }
  if (target.length > MAX_TARGET_LENGTH || !/^[^/]+\/\d+\/[^/]+$/.test(target)) {
    throw new UsageError('target: expected KDAMOND/CONTEXT/TARGET');
  }
  const whole = { target, range: undefined };
  return range === null ? [whole] : [whole, { target, range: parseRange(range) }];
}

function readRequests(request: Request): ViewRequest[] {
  return parseViewRequests(new URLSearchParams(request.originalUrl.split('?', 2)[1] ?? ''));
}

function openStream(response: Response): void {
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    // Proxies that collect answers would hold back what is to be seen at once.
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
}

/** Answers with a stream of events until either side ends it. */
export function createLiveRoute(hub: LiveHub): RequestHandler {
  const answer = (request: Request, response: Response): void => {
    const wanted = readRequests(request);
    if (request.method === 'HEAD') {
      response.type('text/event-stream').end();
      return;
    }
    if (hub.nrWatchers >= hub.maxWatchers) {
      response.status(503).set('Retry-After', '10').type('text/plain');
      response.send(
        `${hub.nrWatchers} pages watch already, the most that --web.max-watchers allows\n`,
      );
      return;
    }
    openStream(response);
    const watch = hub.watch(wanted, {
      write: (text) => response.write(text),
      end: () => {
        // A client that takes nothing would never see an ordinary end.
        if (response.writableNeedDrain) response.destroy();
        else response.end();
      },
    });
    response.on('drain', () => watch?.resume());
    response.on('close', () => watch?.leave());
    // Broken connections are no news; "close" follows.
    response.on('error', () => undefined);
  };
  return (request, response) => {
    try {
      answer(request, response);
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      response.status(400).type('text/plain').send(`${error.message}\n`);
    }
  };
}
