import type { Request, RequestHandler, Response } from 'express';
import type { Clock } from '../base/clock.ts';
import { rememberFor } from '../base/rememberFor.ts';
import type { RateLimitConfig, WebConfig } from '../config/webConfig.ts';
import type { PasswordChecker } from './passwordChecker.ts';
import { createTokenBucket } from './tokenBucket.ts';

export interface GuardDeps {
  /** What is in force now. */
  readonly readConfig: () => WebConfig;
  readonly passwords: Pick<PasswordChecker, 'check'>;
  readonly clock: Pick<Clock, 'monotonicNs'>;
}

function refuse(response: Response, status: number, text: string): void {
  response.status(status).type('text/plain').send(`${text}\n`);
}

/** User and password of HTTP's basic authentication; undefined for anything else. */
export function parseBasicAuth(
  header: string | undefined,
): { readonly user: string; readonly password: string } | undefined {
  const match = /^basic +([\w+/-]+={0,2}) *$/i.exec(header ?? '');
  if (match === null) return undefined;
  const text = Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * Lets in who may come in, as a web configuration says: first by the number of requests, so that
 * guessing is bounded, too, then by password.
 */
export function createGuard({ readConfig, passwords, clock }: GuardDeps): RequestHandler {
  const getBucket = rememberFor((limit: RateLimitConfig) => createTokenBucket(limit, clock));

  const checkPassword = async (
    users: WebConfig['users'],
    request: Request,
    response: Response,
  ): Promise<boolean> => {
    const given = parseBasicAuth(request.headers.authorization);
    const isRight =
      given === undefined ? false : await passwords.check(users, given.user, given.password);
    if (isRight === true) return true;
    if (isRight === undefined) {
      response.set('Retry-After', '5');
      refuse(response, 503, 'too many passwords are being checked');
      return false;
    }
    response.set('WWW-Authenticate', 'Basic realm="damon-exporter", charset="UTF-8"');
    refuse(response, 401, 'a user and the right password are needed');
    return false;
  };

  return async (request, response, next) => {
    const { rateLimit, users } = readConfig();
    if (rateLimit !== undefined && !getBucket(rateLimit)()) {
      response.set('Retry-After', String(Math.ceil(rateLimit.intervalMs / 1000)));
      refuse(response, 429, 'too many requests; rate_limit of the web configuration allows fewer');
      return;
    }
    if (users.size > 0 && !(await checkPassword(users, request, response))) return;
    next();
  };
}
