import bcrypt from 'bcryptjs';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAuthority } from '../support/certificates.ts';
import { runProgram, startServe, until } from './program.ts';
import type { RunningProgram } from './program.ts';
import { startPrometheus } from './prometheusServer.ts';

let dir: string;
let exporter: RunningProgram;

const CLIENT = { user: 'prometheus', password: 'geheim ä:' };

function write(name: string, text: string): void {
  writeFileSync(join(dir, name), text, { mode: 0o600 });
}

function read(name: string): string {
  return readFileSync(join(dir, name), 'utf8');
}

function install(name: string): void {
  copyFileSync(join(dir, `${name}.pem`), join(dir, 'server.pem'));
  copyFileSync(join(dir, `${name}.key`), join(dir, 'server.key'));
}

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'damon-exporter-web-'));
  const authority = makeAuthority(dir);
  authority.sign('first', 'DNS:first.example,IP:127.0.0.1');
  authority.sign('second', 'DNS:second.example,IP:127.0.0.1');
  authority.sign('client', 'DNS:prometheus.example');
  install('first');
  write(
    'web.yml',
    `tls_server_config:
  cert_file: server.pem
  key_file: server.key
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example]
  min_version: TLS13
basic_auth_users:
  ${CLIENT.user}: ${bcrypt.hashSync(CLIENT.password, 10)}
`,
  );
  exporter = await startServe('--source', 'simulator', '--web.config.file', join(dir, 'web.yml'));
});

afterAll(async () => {
  await exporter.stop();
  rmSync(dir, { recursive: true });
});

/** What `openssl s_client` says of the connection, and the answer after it. */
function askByOpenssl(path: string, ...options: readonly string[]): string {
  const authorization = Buffer.from(`${CLIENT.user}:${CLIENT.password}`).toString('base64');
  const { stdout, stderr } = spawnSync(
    'openssl',
    [
      's_client',
      '-connect',
      new URL(exporter.url).host,
      '-CAfile',
      'ca.pem',
      '-ign_eof',
      ...options,
    ],
    {
      cwd: dir,
      encoding: 'utf8',
      input: `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${authorization}\r\nConnection: close\r\n\r\n`,
    },
  );
  return stdout + stderr;
}

const CERTIFICATE = ['-cert', 'client.pem', '-key', 'client.key'];

test('openssl sees the certificate, TLS 1.3, and is answered', () => {
  const said = askByOpenssl('/-/healthy', ...CERTIFICATE, '-verify_hostname', 'first.example');
  expect(said).toContain('Verify return code: 0 (ok)');
  expect(said).toContain('TLSv1.3');
  expect(said).toMatch(/HTTP\/1\.1 200 OK[^]*\r\nhealthy/);
});

test.each([
  ['without a certificate', []],
  ['with an old version', [...CERTIFICATE, '-tls1_2']],
])('openssl is not let in %s', (_what, options) => {
  expect(askByOpenssl('/-/healthy', ...options)).not.toContain('HTTP/1.1');
});

function makeScrapeConfig(password: string): string {
  return `global: {scrape_interval: 1s, scrape_timeout: 1s}
scrape_configs:
  - job_name: damon
    scheme: https
    basic_auth: {username: ${CLIENT.user}, password: '${password}'}
    tls_config: {ca_file: ca.pem, cert_file: client.pem, key_file: client.key}
    static_configs: [{targets: ['${new URL(exporter.url).host}']}]
`;
}

test('Prometheus scrapes with a certificate and a password, also after both were renewed', async () => {
  const files = Object.fromEntries(
    ['ca.pem', 'client.pem', 'client.key'].map((name) => [name, read(name)]),
  );
  const prometheus = await startPrometheus(makeScrapeConfig(CLIENT.password), files);
  try {
    await prometheus.queryUntilFound('damon_wss_bytes');
    await prometheus.queryUntilFound('damon_exporter_web_config_last_reload_successful == 1');
    copyFileSync(join(dir, 'second.pem'), join(dir, 'server.pem'));
    await prometheus.queryUntilFound('damon_exporter_web_config_last_reload_successful == 0');
    expect(exporter.readStderr()).toContain('it is not the key of the certificate');
    install('second');
    await prometheus.queryUntilFound('damon_exporter_web_config_last_reload_successful == 1');
    const said = askByOpenssl('/-/healthy', ...CERTIFICATE, '-verify_hostname', 'second.example');
    expect(said).toContain('Verify return code: 0 (ok)');
    expect(await prometheus.query('min_over_time(up[1m]) == 0')).toEqual([]);
  } finally {
    await prometheus.stop();
  }
});

test('Prometheus with another password is told so', async () => {
  const files = Object.fromEntries(
    ['ca.pem', 'client.pem', 'client.key'].map((name) => [name, read(name)]),
  );
  const prometheus = await startPrometheus(makeScrapeConfig('other'), files);
  try {
    await prometheus.queryUntilFound('up == 0');
    expect(prometheus.readLog()).toMatch(/401 Unauthorized/);
  } finally {
    await prometheus.stop();
  }
});

test('check web-config says what a file asks for, and every problem with its place', () => {
  const path = join(dir, 'web.yml');
  expect(runProgram('check', 'web-config', path)).toEqual({
    status: 0,
    stdout: `${path} is good: TLS (TLSv1.3 to TLSv1.3, RequireAndVerifyClientCert), passwords of 1 users\n`,
    stderr: '',
  });
  write('bad.yml', 'tls_server_config:\n  cert_file: server.pem\nrate_limt: {}\n');
  const bad = runProgram('check', 'web-config', join(dir, 'bad.yml'));
  expect(bad.status).toBe(3);
  expect(bad.stderr).toContain('bad.yml:2:3: tls_server_config: "key_file" is missing');
  expect(bad.stderr).toContain('bad.yml:3:1: unknown key "rate_limt", did you mean "rate_limit"?');
});

test('serve does not start with a bad web configuration', () => {
  const { status, stderr } = runProgram(
    ...['serve', '--source', 'simulator', '--web.listen-address', '127.0.0.1:0'],
    ...['--web.config.file', join(dir, 'bad.yml')],
  );
  expect(status).toBe(3);
  expect(stderr).toContain('bad.yml:3:1: unknown key "rate_limt"');
});

test('a key that everybody can read is warned of', async () => {
  chmodSync(join(dir, 'server.key'), 0o644);
  await until(async () => {
    askByOpenssl('/-/healthy', ...CERTIFICATE);
    return Promise.resolve(exporter.readStderr().includes('can be read by everybody') || undefined);
  }, 'the warning');
  chmodSync(join(dir, 'server.key'), 0o600);
});

/** A connection that says this and then nothing; resolves when the server ends it. */
async function stall(port: number, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answer = '';
  socket.setEncoding('latin1').on('data', (part: string) => (answer += part));
  socket.on('error', () => undefined);
  socket.write(text);
  await once(socket, 'close');
  return answer;
}

test('who says nothing, or half a request, does not stay', async () => {
  const plain = await startServe('--source', 'simulator');
  try {
    const port = Number(new URL(plain.url).port);
    const tlsPort = Number(new URL(exporter.url).port);
    const [half, nothing, handshake] = await Promise.all([
      stall(port, 'GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '),
      stall(tlsPort, ''),
      stall(tlsPort, '\x16\x03\x01\x02\x00\x01'),
    ]);
    expect(half).toMatch(/^HTTP\/1\.1 408 /);
    expect([nothing, handshake]).toEqual(['', '']);
  } finally {
    await plain.stop();
  }
});

test('half a request inside TLS does not stay either', async () => {
  const ended = await new Promise<string>((resolve) => {
    const certificate = { ca: read('ca.pem'), cert: read('client.pem'), key: read('client.key') };
    const asked = request(new URL(exporter.url), { ...certificate, method: 'POST', agent: false });
    asked.on('response', (response) => {
      resolve(String(response.statusCode));
    });
    asked.on('error', (error) => {
      resolve(error.message);
    });
    asked.on('socket', (socket) => {
      socket.once('secureConnect', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\n'));
    });
  });
  expect(ended).toMatch(/408|hang up|reset/i);
});

test('a flood of connections is bounded, and leaves room when it is over', async () => {
  const plain = await startServe('--source', 'simulator');
  const sockets: Socket[] = [];
  try {
    const port = Number(new URL(plain.url).port);
    let nrClosed = 0;
    for (let index = 0; index < 700; index += 1) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.once('close', () => (nrClosed += 1));
      sockets.push(socket.resume());
    }
    await until(() => Promise.resolve(nrClosed >= 188 || undefined), 'the rest is dropped');
    expect(nrClosed).toBe(700 - 512);
    for (const socket of sockets) socket.destroy();
    await until(async () => {
      const answer = await fetch(plain.url).catch(() => undefined);
      return answer?.ok === true ? answer : undefined;
    }, 'there is room');
  } finally {
    for (const socket of sockets) socket.destroy();
    await plain.stop();
  }
});

/** Listens on descriptor 3 as systemd does, and becomes its arguments. */
const SOCKET_UNIT = `
import os, socket, sys
made = socket.socket()
made.bind(('127.0.0.1', 0))
made.listen()
if made.fileno() != 3: os.dup2(made.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1')
os.execv(sys.argv[1], sys.argv[1:])
`;

test('serve takes the sockets that systemd listens on', async () => {
  const serve = [process.execPath, 'dist/cli/main.js', 'serve', '--source', 'simulator'];
  const child: ChildProcess = spawn(
    'python3',
    ['-c', SOCKET_UNIT, ...serve, '--web.systemd-socket'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  try {
    let stderr = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const url = await until(
      () => Promise.resolve(/msg=serving url=(\S+)/.exec(stderr)?.[1]),
      'it serves',
    );
    expect(await (await fetch(new URL('/-/healthy', url))).text()).toBe('healthy\n');
  } finally {
    const ended = once(child, 'exit');
    child.kill();
    await ended;
  }
});
