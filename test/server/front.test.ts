import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import type { RequestOptions } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parseWebConfig } from '../../src/config/parseWebConfig.ts';
import { listen } from '../../src/server/listen.ts';
import type { RunningServer } from '../../src/server/listen.ts';
import { createTlsServing } from '../../src/server/tlsServing.ts';
import type { TlsServing } from '../../src/server/tlsServing.ts';
import { makeAuthority } from '../support/certificates.ts';

let dir: string;
let tls: TlsServing;
let server: RunningServer;
const refusals: string[] = [];

function read(name: string): string {
  return readFileSync(join(dir, name), 'utf8');
}

function makeServing(more = '', certificate = 'server'): TlsServing {
  const keys = `cert_file: ${certificate}.pem, key_file: ${certificate}.key${more}`;
  const config = parseWebConfig(`tls_server_config: {${keys}}`, 'web.yml');
  if (config.tls === undefined) throw new Error('no TLS');
  return createTlsServing(config.tls, 'web.yml', ({ path }) => read(path ?? ''));
}

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'damon-exporter-front-'));
  const authority = makeAuthority(dir);
  authority.sign('server', 'DNS:localhost');
  authority.sign('renewed', 'DNS:localhost');
  authority.sign('client', 'DNS:prometheus.example,IP:10.0.0.1');
  makeAuthority(dir, 'stranger').sign('strange', 'DNS:prometheus.example');
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

beforeEach(async () => {
  tls = makeServing();
  const note = (_message: string, fields?: object): void => {
    refusals.push(JSON.stringify(fields));
  };
  server = await listen(
    (_request, response) => response.end('in'),
    { host: '127.0.0.1', port: 0 },
    { readTls: () => tls, logger: { debug: note } },
  );
});

afterEach(async () => {
  await server.close(10);
});

function getPort(): number {
  return Number(new URL(server.url).port);
}

/** The answer's text, or what the connection ended with. */
function ask(options: RequestOptions = {}): Promise<string> {
  return new Promise((resolve) => {
    const host = { host: '127.0.0.1', servername: 'localhost', ca: read('ca.pem'), agent: false };
    const asked = request({ ...host, port: getPort(), ...options }, (response) => {
      response.setEncoding('utf8').on('data', resolve);
    });
    asked.on('error', (error) => {
      resolve(error.message);
    });
    asked.end();
  });
}

/** Everything a server says to these bytes until it closes. */
function say(...parts: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(getPort(), '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (part: string) => (text += part));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(text);
    });
    for (const part of parts) socket.write(part, 'latin1');
  });
}

function certificateOf(name: string): RequestOptions {
  return { cert: read(`${name}.pem`), key: read(`${name}.key`) };
}

test('it is found under https and answers there', async () => {
  expect(server.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+\/$/);
  expect(await ask()).toBe('in');
});

test('who speaks plain HTTP is told what to do', async () => {
  expect(await say('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\n[^]*\r\n\r\nthis port speaks TLS: ask with https:\/\/\n$/,
  );
});

test.each([['\x00\x01\x02'], ['\x16\x09\x09\x00\x05hello'], ['ssh-2.0\r\n']])(
  '%j is no handshake and ends the connection without a word in plain',
  async (bytes) => {
    expect(await say(bytes)).not.toContain('HTTP');
  },
);

test.each([
  ['TLSv1.1', /protocol version|no protocols|unsupported/i],
  ['TLSv1.2', /^in$/],
  ['TLSv1.3', /^in$/],
] as const)('a client of %s gets %s', async (version, answer) => {
  const options = { minVersion: version, maxVersion: version, ciphers: 'ALL:@SECLEVEL=0' };
  expect(await ask(options)).toMatch(answer);
});

test('versions, suites and curves are those of the configuration', async () => {
  tls = makeServing(
    ', max_version: TLS12, cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384], curve_preferences: [CurveP384]',
  );
  const seen = await new Promise((resolve) => {
    const socket = connectTls({
      port: getPort(),
      host: '127.0.0.1',
      ca: read('ca.pem'),
      servername: 'localhost',
    });
    socket.on('secureConnect', () => {
      resolve([socket.getProtocol(), socket.getCipher().name, socket.getEphemeralKeyInfo()]);
      socket.destroy();
    });
  });
  expect(seen).toMatchObject(['TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384', { name: 'secp384r1' }]);
});

test('HTTP/1.1 is what both agree on, also with clients that could speak HTTP/2', async () => {
  const protocol = await new Promise((resolve) => {
    const options = {
      ALPNProtocols: ['h2', 'http/1.1'],
      ca: read('ca.pem'),
      servername: 'localhost',
    };
    const socket = connectTls({ port: getPort(), host: '127.0.0.1', ...options }, () => {
      resolve(socket.alpnProtocol);
      socket.destroy();
    });
  });
  expect(protocol).toBe('http/1.1');
});

test('a renewed certificate is shown to the next connection, and old ones get one more answer', async () => {
  const options = {
    port: getPort(),
    host: '127.0.0.1',
    ca: read('ca.pem'),
    servername: 'localhost',
  };
  const old = connectTls(options);
  let text = '';
  old.setEncoding('utf8').on('data', (part: string) => (text += part));
  const closed = new Promise((resolve) => old.once('close', resolve));
  await new Promise((resolve) => old.once('secureConnect', resolve));
  // The first request makes sure that the server has it, too.
  const answered = new Promise((resolve) => old.once('data', resolve));
  old.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await answered;
  expect(old.getPeerCertificate().subject.CN).toBe('server');
  tls = makeServing('', 'renewed');
  const shown = await new Promise((resolve) => {
    const socket = connectTls(options, () => {
      resolve(socket.getPeerCertificate().subject.CN);
      socket.destroy();
    });
  });
  expect(shown).toBe('renewed');
  old.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
  await closed;
  expect(text.match(/HTTP\/1\.1 200/g)?.length).toBeLessThanOrEqual(2);
});

const CA = 'client_ca_file: ca.pem';

describe.each([
  ['NoClientCert', '', ['in', 'in', 'in']],
  ['RequestClientCert', '', ['in', 'in', 'in']],
  ['RequireAnyClientCert', '', ['refused', 'in', 'in']],
  ['VerifyClientCertIfGiven', `, ${CA}`, ['in', 'in', 'refused']],
  ['RequireAndVerifyClientCert', `, ${CA}`, ['refused', 'in', 'refused']],
])('client_auth_type %s', (type, more, expected) => {
  test.each(['TLSv1.2', 'TLSv1.3'] as const)(
    `lets in ${expected.join(', ')} who has no certificate, one of ours, one of a stranger, by %s`,
    async (maxVersion) => {
      tls = makeServing(`, client_auth_type: ${type}${more}`);
      const answers = [
        await ask({ maxVersion }),
        await ask({ maxVersion, ...certificateOf('client') }),
        await ask({ maxVersion, ...certificateOf('strange') }),
      ];
      expect(answers.map((answer) => (answer === 'in' ? 'in' : 'refused'))).toEqual(expected);
    },
  );
});

test.each([
  ['[prometheus.example]', 'in'],
  ['[other, 10.0.0.1]', 'in'],
  ['[other]', 'refused'],
  ['["*.example"]', 'refused'],
])('of names %s the client is %s', async (names, expected) => {
  const type = 'client_auth_type: RequireAndVerifyClientCert';
  tls = makeServing(`, ${CA}, ${type}, client_allowed_sans: ${names}`);
  const answer = await ask(certificateOf('client'));
  expect(answer === 'in' ? 'in' : 'refused').toBe(expected);
  if (expected === 'refused') expect(refusals.at(-1)).toContain('prometheus.example, 10.0.0.1');
});
