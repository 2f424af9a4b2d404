import express from 'express';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { limitRequests } from '../../src/server/limitRequests.ts';
import { listen } from '../../src/server/listen.ts';
import type { RunningServer } from '../../src/server/listen.ts';

let server: RunningServer;

beforeAll(async () => {
  const app = express();
  app.use(limitRequests);
  app.all('/', (_request, response) => void response.send('in'));
  server = await listen(app, { host: '127.0.0.1', port: 0 });
});

afterAll(async () => {
  await server.close(10);
});

/** All that is answered until the connection ends. */
function say(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('latin1').on('data', (part: string) => (answer += part));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(answer);
    });
    socket.write(text, 'latin1');
  });
}

const END = 'Connection: close\r\n\r\n';

test.each(['localhost:10077', '[::1]:1', '10.0.0.1', ''])('the host "%s" is fine', async (host) => {
  expect(await say(`GET / HTTP/1.1\r\nHost: ${host}\r\n${END}`)).toMatch(/^HTTP\/1\.1 200/);
});

test.each([
  ['Host: a\r\nhost: b\r\n', 400],
  ['Host: <script>\r\n', 400],
  [`Host: ${'a'.repeat(256)}\r\n`, 400],
  ['', 400],
  [`Host: a\r\nX: ${'x'.repeat(17_000)}\r\n`, 431],
  ['Host: a\r\nContent-Length: 65537\r\n', 413],
  ['Host: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n', 400],
  ['Host: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n', 400],
])('%j is answered with %d and the end of the connection', async (headers, status) => {
  const answer = await say(`POST / HTTP/1.1\r\n${headers}\r\n`);
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

test('a long address is refused', async () => {
  expect(await say(`GET /${'x'.repeat(17_000)} HTTP/1.1\r\nHost: a\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 431/,
  );
});

test('a body is not read, and a small one does not end the connection', async () => {
  const post = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody`;
  const answer = await say(`${post}GET / HTTP/1.1\r\nHost: a\r\n${END}`);
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
});

test('a body without an end is cut off', async () => {
  const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  await say(head + chunk.repeat(3));
});
