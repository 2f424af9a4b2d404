import {
  chownSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ExporterError } from '../../src/base/errors.ts';
import { listen, parseListenAddress } from '../../src/server/listen.ts';

test.each([
  [':10077', undefined, 10_077],
  ['127.0.0.1:0', '127.0.0.1', 0],
  ['[::1]:10077', '::1', 10_077],
  ['[fe80::1%eth0]:80', 'fe80::1%eth0', 80],
  ['localhost:65535', 'localhost', 65_535],
])('%s is an address to listen on', (text, host, port) => {
  expect(parseListenAddress(text)).toEqual({ host, port });
});

test.each([
  '',
  '10077',
  'localhost',
  '127.0.0.1:',
  ':65536',
  '::1:80',
  '[::1]80',
  'a b:1',
  '/x:1',
  ':-1',
])('"%s" is refused with examples', (text) => {
  expect(() => parseListenAddress(text)).toThrow(
    `listen address: found "${text}", expected host:port such as ":10077"`,
  );
});

test.each(['unix:', 'unix:run/x', 'unix:/run/', 'unix:/a\nb', `unix:/${'x'.repeat(107)}`])(
  '%j is no socket to listen on',
  (text) => {
    expect(() => parseListenAddress(text)).toThrow('expected unix:/PATH of at most 107 bytes');
  },
);

test('a path is an address to listen on', () => {
  expect(parseListenAddress('unix:/run/damon.sock')).toEqual({ path: '/run/damon.sock' });
});

const answer = (_request: unknown, response: { end: (body: string) => void }): void => {
  response.end('here');
};

test('a server on any free port tells where it is and answers there', async () => {
  const server = await listen(answer, { host: '127.0.0.1', port: 0 });
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
  expect(await (await fetch(server.url)).text()).toBe('here');
  await server.close();
});

test('a port in use is refused with one sentence', async () => {
  const server = await listen(answer, { host: '127.0.0.1', port: 0 });
  const port = Number(new URL(server.url).port);
  const refusal: unknown = await listen(answer, { host: '127.0.0.1', port }).catch(
    (error: unknown) => error,
  );
  await server.close();
  expect(refusal).toBeInstanceOf(ExporterError);
  expect(refusal).toMatchObject({
    code: 'failure',
    message: `listen on 127.0.0.1:${port}: another program listens there already; choose another with --web.listen-address`,
  });
});

test('an address of another machine is refused with one sentence', async () => {
  await expect(listen(answer, { host: '192.0.2.1', port: 0 })).rejects.toThrow(
    'listen on 192.0.2.1:0: this machine does not have that address',
  );
});

test('closing ends idle connections at once and refuses new ones', async () => {
  const server = await listen(answer, { host: '127.0.0.1', port: 0 });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const response = new Promise((resolve) => socket.once('data', resolve));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await response;
  await server.close(60_000);
  await ended;
  await expect(fetch(server.url)).rejects.toThrow();
});

test('closing gives up on a client that never takes its answer', async () => {
  const server = await listen(() => undefined, { host: '127.0.0.1', port: 0 });
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await server.close(10);
  await ended;
});

describe('a Unix socket', () => {
  let dir: string;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'damon-exporter-listen-'));
  });

  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  function ask(path: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      request({ socketPath: path, path: '/' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
  }

  /** What a process that was killed leaves. */
  async function leaveSocket(path: string): Promise<void> {
    const dead = createServer();
    await new Promise<void>((resolve) => dead.listen(`${path}.new`, resolve));
    // Closing removes the name it was made under, and nothing else.
    renameSync(`${path}.new`, path);
    await new Promise((resolve) => dead.close(resolve));
  }

  test.each([0o000, 0o022, 0o077, 0o777])(
    'is for owner and group from the first, whatever the mask (%i), which stays',
    async (umask) => {
      const path = join(dir, `${umask}.sock`);
      const before = process.umask(umask);
      const listening = listen(answer, { path });
      // Bound, and nothing has had a chance to change it.
      const { mode } = statSync(path);
      expect(process.umask(before)).toBe(umask);
      const server = await listening;
      expect(mode & 0o777).toBe(0o660);
      expect(statSync(path).mode & 0o777).toBe(0o660);
      expect(server.url).toBe(`unix:${path}`);
      expect(await ask(path)).toBe(200);
      await server.close();
      expect(existsSync(path)).toBe(false);
    },
  );

  test('that a dead process left is replaced', async () => {
    const path = join(dir, 'stale.sock');
    await leaveSocket(path);
    const server = await listen(answer, { path });
    expect(await ask(path)).toBe(200);
    await server.close();
  });

  test('on which somebody listens is not', async () => {
    const path = join(dir, 'busy.sock');
    const server = await listen(answer, { path });
    await expect(listen(answer, { path })).rejects.toThrow(
      `listen on unix:${path}: another program listens there already`,
    );
    expect(await ask(path)).toBe(200);
    await server.close();
  });

  test('is not made of a file, a link or what belongs to another user', async () => {
    const path = join(dir, 'precious');
    writeFileSync(path, 'kept');
    await expect(listen(answer, { path })).rejects.toThrow('a file that is no socket is there');
    const link = join(dir, 'link.sock');
    symlinkSync(path, link);
    await expect(listen(answer, { path: link })).rejects.toThrow('a file that is no socket');
    const socket = join(dir, 'foreign.sock');
    await leaveSocket(socket);
    if (process.geteuid?.() === 0) {
      chownSync(socket, 65_534, 65_534);
      await expect(listen(answer, { path: socket })).rejects.toThrow('a socket of user 65534');
    }
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect(readFileSync(path, 'utf8')).toBe('kept');
  });

  test('in a directory there is not is refused with one sentence', async () => {
    await expect(listen(answer, { path: join(dir, 'no/x.sock') })).rejects.toThrow(
      /there is no such directory; choose another|this user may not listen there/,
    );
  });
});

test('a descriptor that does not listen is refused with one sentence', async () => {
  await expect(listen(answer, { fd: 0 })).rejects.toThrow(/^listen on fd:0: .*listening socket/);
});
