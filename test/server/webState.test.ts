import { chmodSync, copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createWebState, readWebConfig } from '../../src/server/webState.ts';
import type { WebState } from '../../src/server/webState.ts';
import { makeAuthority } from '../support/certificates.ts';

const HASH = `$2y$10$${'a'.repeat(53)}`;
const TLS = 'tls_server_config: {cert_file: server.pem, key_file: server.key}\n';
const USERS = `basic_auth_users: {me: ${HASH}}\n`;

let dir: string;
let path: string;
let nowMs = 1000;
let logged: string[] = [];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'damon-exporter-web-'));
  path = join(dir, 'web.yml');
  const authority = makeAuthority(dir);
  authority.sign('one', 'DNS:one.example');
  authority.sign('two', 'DNS:two.example');
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

function write(name: string, text: string, mode = 0o600): void {
  writeFileSync(join(dir, name), text);
  chmodSync(join(dir, name), mode);
}

function install(name: string): void {
  copyFileSync(join(dir, `${name}.pem`), join(dir, 'server.pem'));
  copyFileSync(join(dir, `${name}.key`), join(dir, 'server.key'));
}

function create(): WebState {
  const note = (message: string, fields?: object): void => {
    logged.push(`${message} ${JSON.stringify(fields)}`);
  };
  const logger = { debug: note, info: note, warn: note, error: note };
  return createWebState({ path, wallMs: () => nowMs, logger });
}

beforeEach(() => {
  nowMs = 1000;
  logged = [];
  install('one');
});

test('the same files are the same object', () => {
  write('web.yml', TLS);
  const state = create();
  const first = state.read();
  expect(first.tls?.options.minVersion).toBe('TLSv1.2');
  expect(state.read()).toBe(first);
  expect(logged).toEqual([]);
});

test('a renewed certificate is taken once its key is there, too', () => {
  write('web.yml', TLS);
  const state = create();
  const first = state.read().tls;
  nowMs = 2000;
  copyFileSync(join(dir, 'two.pem'), join(dir, 'server.pem'));
  expect(state.read().tls).toBe(first);
  expect(state.health()).toEqual({ isLastReloadGood: false, lastReloadSuccessMs: 1000 });
  expect(logged.join()).toContain('it is not the key of the certificate');
  copyFileSync(join(dir, 'two.key'), join(dir, 'server.key'));
  expect(state.read().tls).not.toBe(first);
  expect(state.health()).toEqual({ isLastReloadGood: true, lastReloadSuccessMs: 2000 });
});

test('a bad file is told once, and mended by the next good one', () => {
  write('web.yml', USERS);
  const state = create();
  write('web.yml', 'basic_auth_user: {}\n');
  state.read();
  expect(state.read().config.users.get('me')).toBe(HASH);
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('web.yml:1:1: unknown key');
  write('web.yml', `basic_auth_users: {you: ${HASH}}\n`);
  expect([...state.read().config.users.keys()]).toEqual(['you']);
  expect(state.health().isLastReloadGood).toBe(true);
});

test('a file that is gone changes nothing', () => {
  write('web.yml', USERS);
  const state = create();
  rmSync(path);
  expect(state.read().config.users.size).toBe(1);
  expect(logged.join()).toMatch(/read the web configuration .*ENOENT/);
});

test.each([
  ['TLS', TLS + USERS, USERS],
  ['asking for a password', TLS + USERS, TLS],
  ['TLS and asking for a password', TLS + USERS, ''],
  [
    'verifying clients',
    'tls_server_config: {cert_file: server.pem, key_file: server.key, client_ca_file: ca.pem, client_auth_type: RequireAndVerifyClientCert}',
    TLS,
  ],
])('a file cut short does not end %s', (what, before, after) => {
  write('web.yml', before);
  const state = create();
  const first = state.read();
  write('web.yml', after);
  expect(state.read()).toBe(first);
  expect(logged.join()).toContain(`it no longer asks for ${what}; start serve anew`);
});

test('files that everybody can read or write are told of once', () => {
  write('web.yml', TLS + USERS, 0o644);
  chmodSync(join(dir, 'server.key'), 0o666);
  chmodSync(join(dir, 'server.pem'), 0o644);
  const state = create();
  const problems = logged.join('\n');
  expect(problems).toContain('web.yml can be read by everybody: chmod o-r');
  expect(problems).toContain('server.key can be read by everybody');
  expect(problems).toContain('server.key can be written by others than its owner');
  expect(problems).not.toContain('server.pem');
  write('web.yml', TLS + USERS, 0o644);
  state.read();
  expect(logged.filter((line) => line.includes('web.yml can be'))).toHaveLength(1);
});

test.each([
  ['cert_file: no.pem, key_file: server.key', /web\.yml:1:32: .*cert_file: ENOENT/],
  ['cert_file: server.key, key_file: server.key', /expected a certificate in PEM form/],
  ['cert_file: server.pem, key_file: ca.pem', /expected a private key in PEM form/],
  ['cert_file: server.pem, key_file: two.key', /it is not the key of the certificate/],
  ['cert_file: ., key_file: two.key', /it is not a file/],
  [
    'cert_file: server.pem, key_file: server.key, client_auth_type: VerifyClientCertIfGiven, client_ca_file: one.key',
    /client_ca_file one\.key: expected a certificate/,
  ],
])('%s is refused with its place', (keys, message) => {
  write('web.yml', `tls_server_config: {${keys}}`);
  expect(() => readWebConfig(path)).toThrow(message);
});
