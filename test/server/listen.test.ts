import { connect } from 'node:net';
import { expect, test } from 'vitest';
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
