import express from 'express';
import bcrypt from 'bcryptjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { WebConfig } from '../../src/config/webConfig.ts';
import { createGuard, parseBasicAuth } from '../../src/server/guard.ts';
import { listen } from '../../src/server/listen.ts';
import type { RunningServer } from '../../src/server/listen.ts';
import { BcryptThread } from '../../src/server/bcryptThread.ts';
import { createPasswordChecker, makeDecoy } from '../../src/server/passwordChecker.ts';
import type { PasswordChecker } from '../../src/server/passwordChecker.ts';
import { askServer } from '../support/askServer.ts';

const USERS = new Map([
  ['me', bcrypt.hashSync('geheim:ä', 4)],
  ['you', bcrypt.hashSync('other', 4)],
]);
const OPEN: WebConfig = { tls: undefined, headers: {}, users: new Map(), rateLimit: undefined };

let config: WebConfig;
let nowNs: bigint;
let thread: BcryptThread;
let passwords: PasswordChecker;
let server: RunningServer;

beforeEach(async () => {
  config = OPEN;
  nowNs = 0n;
  thread = new BcryptThread();
  passwords = createPasswordChecker(thread);
  const clock = { monotonicNs: () => nowNs };
  const app = express();
  app.use(createGuard({ readConfig: () => config, passwords, clock }));
  app.get('/', (_request, response) => void response.send('in'));
  server = await listen(app, { host: '127.0.0.1', port: 0 });
});

afterEach(async () => {
  thread.stop();
  await server.close(10);
});

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

async function askWith(authorization?: string): Promise<number | undefined> {
  const headers = authorization === undefined ? {} : { authorization };
  return (await askServer(server.url, '/', { headers })).status;
}

describe('passwords', () => {
  beforeEach(() => {
    config = { ...OPEN, users: USERS };
  });

  test.each([
    [basic('me:geheim:ä'), 200],
    [basic('you:other').replace('Basic', 'bAsIc'), 200],
    [basic('me:other'), 401],
    [basic('me:'), 401],
    [basic('nobody:other'), 401],
    [basic(':'), 401],
    [basic('me'), 401],
    ['Basic', 401],
    ['Basic !!!!', 401],
    ['Bearer abc', 401],
    [undefined, 401],
  ])('%s is answered with %d', async (header, status) => {
    expect(await askWith(header)).toBe(status);
  });

  test('are asked for as browsers and scrapers know it', async () => {
    const { headers, body } = await askServer(server.url, '/');
    expect(headers['www-authenticate']).toBe('Basic realm="damon-exporter", charset="UTF-8"');
    expect(body).toBe('a user and the right password are needed\n');
  });

  test('that were right are wrong once the file has another', async () => {
    expect(await askWith(basic('you:other'))).toBe(200);
    config = { ...OPEN, users: new Map([['you', bcrypt.hashSync('new', 4)]]) };
    expect(await askWith(basic('you:other'))).toBe(401);
    expect(await askWith(basic('you:new'))).toBe(200);
  });

  test('are checked a few at a time, and those known at once', async () => {
    expect(await askWith(basic('you:other'))).toBe(200);
    const guesses = Array.from({ length: 60 }, (_, guess) =>
      passwords.check(USERS, 'me', String(guess)),
    );
    expect(await passwords.check(USERS, 'you', 'other')).toBe(true);
    const outcomes = await Promise.all(guesses);
    expect(outcomes.filter((outcome) => outcome === false)).toHaveLength(32);
    expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(28);
  });

  test('of somebody unknown are compared all the same, and as slowly', async () => {
    const users = new Map([
      ['quick', bcrypt.hashSync('x', 4)],
      ['slow', bcrypt.hashSync('x', 5)],
    ]);
    const compared: string[] = [];
    const compare = (_password: string, hash: string): Promise<boolean> => {
      compared.push(hash);
      return Promise.resolve(true);
    };
    const checker = createPasswordChecker({ compare, nrWaiting: 0 });
    expect(await checker.check(users, 'nobody', 'x')).toBe(false);
    expect(await checker.check(users, 'nobody', 'x')).toBe(false);
    expect(compared).toEqual([makeDecoy(users)]);
    expect(bcrypt.getRounds(compared[0] ?? '')).toBe(5);
    expect(bcrypt.compareSync('', compared[0] ?? '')).toBe(false);
  });

  test('that a thread cannot check are an error, and the next one is checked', async () => {
    const ended = passwords.check(USERS, 'me', 'x');
    thread.stop();
    await expect(ended).rejects.toThrow('check a password: the thread ended');
    expect(await passwords.check(USERS, 'you', 'other')).toBe(true);
  });
});

test('requests beyond the limit are refused until there is room again', async () => {
  config = { ...OPEN, users: USERS, rateLimit: { intervalMs: 1000, burst: 2 } };
  expect([await askWith(), await askWith(), await askWith()]).toEqual([401, 401, 429]);
  nowNs += 999_000_000n;
  expect(await askWith()).toBe(429);
  nowNs += 1_000_000n;
  expect([await askWith(), await askWith()]).toEqual([401, 429]);
  nowNs += 3_600_000_000_000n;
  expect([await askWith(), await askWith(), await askWith()]).toEqual([401, 401, 429]);
});

test('a password may have colons, a user may not', () => {
  expect(parseBasicAuth(basic('a:b:c'))).toEqual({ user: 'a', password: 'b:c' });
});
