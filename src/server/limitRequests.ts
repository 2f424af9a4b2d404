import type { Request, RequestHandler, Response } from 'express';

/** Nothing here reads a body; this much is let pass without breaking the connection off. */
const MAX_BODY_BYTES = 64 * 1024;

/** A name or an address, with or without a port. */
const HOST = /^[\w.~%:[\]-]{0,255}$/;

function refuse(response: Response, status: number, text: string): void {
  response.status(status).set('Connection', 'close').type('text/plain').send(`${text}\n`);
}

function isHostGood({ headers, rawHeaders }: Request): boolean {
  const nrHosts = rawHeaders.filter((name, at) => at % 2 === 0 && /^host$/i.test(name)).length;
  return nrHosts <= 1 && HOST.test(headers.host ?? '');
}

/** Counts what comes until it is too much. */
function boundBody(request: Request): void {
  let nrBytes = 0;
  request.on('data', (chunk: Buffer) => {
    nrBytes += chunk.length;
    if (nrBytes > MAX_BODY_BYTES) request.destroy();
  });
}

/** Refuses what no client of this sends: two hosts, or none that could be one; long bodies. */
export const limitRequests: RequestHandler = (request, response, next) => {
  const { headers } = request;
  if (!isHostGood(request)) {
    refuse(response, 400, 'expected one Host header, with a name or an address');
    return;
  }
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    refuse(response, 413, 'no body is read here');
    return;
  }
  if (headers['transfer-encoding'] !== undefined) boundBody(request);
  next();
};
