import { describe, expect, test } from 'vitest';
import { parseWebConfig } from '../../src/config/parseWebConfig.ts';

const HASH = `$2y$10$${'a'.repeat(53)}`;

function parse(text: string): ReturnType<typeof parseWebConfig> {
  return parseWebConfig(text, 'web.yml');
}

const FILES = 'cert_file: c.pem, key_file: k.pem';

test.each(['', '\n# nothing\n', '{}', 'tls_server_config:\nbasic_auth_users:\n'])(
  '%j asks for nothing',
  (text) => {
    expect(parse(text)).toEqual({
      tls: undefined,
      headers: {},
      users: new Map(),
      rateLimit: undefined,
    });
  },
);

test('a whole file is read', () => {
  const config = parse(`
tls_server_config:
  cert_file: c.pem
  key_file: k.pem
  client_ca_file: ca.pem
  client_auth_type: RequireAndVerifyClientCert
  client_allowed_sans: [prometheus.example, 10.0.0.1]
  min_version: TLS12
  max_version: TLS13
  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]
  curve_preferences: [X25519, CurveP256]
  prefer_server_cipher_suites: false
http_server_config:
  http2: false
  headers:
    X-Frame-Options: sameorigin
    Strict-Transport-Security: max-age=31536000
basic_auth_users:
  prometheus: ${HASH}
rate_limit:
  interval: 100ms
  burst: 20
`);
  expect(config).toMatchObject({
    tls: {
      cert: { key: 'cert_file', path: 'c.pem', position: { line: 3, column: 14 } },
      clientCa: { path: 'ca.pem' },
      clientAuthType: 'RequireAndVerifyClientCert',
      clientAllowedSans: ['prometheus.example', '10.0.0.1'],
      minVersion: 'TLSv1.2',
      maxVersion: 'TLSv1.3',
      curves: 'X25519:P-256',
      isServerOrderPreferred: false,
    },
    headers: {
      'X-Frame-Options': 'sameorigin',
      'Strict-Transport-Security': 'max-age=31536000',
    },
    users: new Map([['prometheus', HASH]]),
    rateLimit: { intervalMs: 100, burst: 20 },
  });
});

describe('suites', () => {
  test('without one of TLS 1.3 leave those of TLS 1.3 as they are', () => {
    const { tls } = parse(
      `tls_server_config: {${FILES}, cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256]}`,
    );
    expect(tls?.ciphers).toBe(
      'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:ECDHE-ECDSA-CHACHA20-POLY1305',
    );
  });

  test('of TLS 1.3 are the only ones of it', () => {
    const { tls } = parse(`tls_server_config: {${FILES}, cipher_suites: [TLS_AES_256_GCM_SHA384]}`);
    expect(tls?.ciphers).toBe('TLS_AES_256_GCM_SHA384');
  });
});

test.each([
  ['tls_config: {}', 'web.yml:1:1: unknown key "tls_config", expected tls_server_config'],
  ['tls_server_config: {}', '"cert_file" is missing'],
  ['tls_server_config: {cert_file: c}', '"key_file" is missing'],
  [`tls_server_config: {${FILES}, cert_fil: x}`, '1:56: tls_server_config: unknown key "cert_fil"'],
  [`tls_server_config: {${FILES}, cert: x}`, '"cert" is there, too: expected one of them'],
  ['tls_server_config: {cert: secret, key_file: k}', 'cert: expected text in PEM form'],
  [`tls_server_config: {${FILES}, min_version: TLS10}`, 'found TLS10, which is broken (RFC 8996)'],
  [`tls_server_config: {${FILES}, min_version: TLS14}`, 'found "TLS14", did you mean'],
  [
    `tls_server_config: {${FILES}, min_version: TLS13, max_version: TLS12}`,
    'max_version: found a version below min_version',
  ],
  [`tls_server_config: {${FILES}, client_auth_type: Require}`, 'found "Require", expected'],
  [
    `tls_server_config: {${FILES}, client_auth_type: RequireAndVerifyClientCert}`,
    'RequireAndVerifyClientCert needs client_ca_file',
  ],
  [
    `tls_server_config: {${FILES}, client_ca_file: ca.pem}`,
    'client_ca_file: found without client_auth_type',
  ],
  [
    `tls_server_config: {${FILES}, client_auth_type: RequireAnyClientCert, client_allowed_sans: [a]}`,
    'names in certificates that nobody verifies mean nothing',
  ],
  [
    `tls_server_config: {${FILES}, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}`,
    'cipher_suites[0]: found "TLS_RSA_WITH_RC4_128_SHA", expected',
  ],
  [
    `tls_server_config: {${FILES}, curve_preferences: [P256]}`,
    'curve_preferences[0]: found "P256", expected CurveP256',
  ],
  ['http_server_config: {http3: true}', 'unknown key "http3"'],
  ['http_server_config: {http2: maybe}', 'expected true or false'],
  ['http_server_config: {headers: {X-Junk: a}}', 'unknown key "X-Junk"'],
  ['http_server_config: {headers: {X-Frame-Options: allow}}', 'found "allow", expected deny'],
  ['http_server_config: {headers: {Content-Security-Policy: "ä"}}', 'expected printable ASCII'],
  ['basic_auth_users: [a]', 'expected a map of users'],
  ['basic_auth_users: {a: geheim}', 'basic_auth_users.a: expected a bcrypt hash'],
  [`basic_auth_users: {"a:b": ${HASH}}`, 'expected a name without ":"'],
  [`basic_auth_users: {a: ${HASH}, a: ${HASH}}`, '"a" is there twice'],
  [`basic_auth_users: {a: ${HASH.replace('10', '31')}}`, 'found a cost of 31'],
  ['rate_limit: {interval: 1}', 'expected a time with a unit'],
  ['rate_limit: {interval: 1s}', 'no request would be let in'],
  ['rate_limit: {interval: 1s, burst: -1}', 'burst: expected a whole number'],
  ['rate_limit: {interval: never, burst: 1}', 'interval: found "never"'],
  ['- a', 'found a list, expected a map'],
  ['a: [', 'not YAML'],
])('%s is refused', (text, message) => {
  expect(() => parse(text)).toThrow(message);
});

test('no message shows what may be a password', () => {
  const text = 'basic_auth_users: {a: geheim}\ntls_server_config: {cert: geheim, key: geheim}';
  expect(() => parse(text)).toThrow(/^(?![^]*geheim)/);
});
