import { parseTime } from '../base/units.ts';
import {
  decodeDocument,
  openMap,
  readBoolean,
  readQuantity,
  readText,
  readWord,
  reportProblem,
} from './decode.ts';
import type { Place } from './decode.ts';
import { decodeTls } from './decodeTls.ts';
import type { RateLimitConfig, WebConfig } from './webConfig.ts';
import { parseYamlDocument } from './yamlDocument.ts';

/** The headers that may be set, with their values where there are few. */
const HEADERS: Readonly<Record<string, readonly string[] | undefined>> = {
  'Content-Security-Policy': undefined,
  'X-Frame-Options': ['deny', 'sameorigin'],
  'X-Content-Type-Options': ['nosniff'],
  'X-XSS-Protection': undefined,
  'Strict-Transport-Security': undefined,
};

/** What ends up in a header: printable ASCII. */
const HEADER_VALUE = /^[\x20-\x7e]+$/;

function decodeHeaders(place: Place | undefined): Record<string, string> {
  if (place === undefined) return {};
  const fields = openMap(place, Object.keys(HEADERS));
  const found = Object.entries(HEADERS).flatMap(([name, words]) => {
    const field = fields.get(name);
    if (field === undefined) return [];
    const value = words === undefined ? readText(field) : readWord(field, words, undefined);
    if (value !== undefined && !HEADER_VALUE.test(value)) {
      reportProblem(field, 'expected printable ASCII characters');
    }
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

function decodeHttp(place: Place | undefined): Record<string, string> {
  if (place === undefined) return {};
  const fields = openMap(place, ['http2', 'headers']);
  // Either way HTTP/1.1 is spoken: the setting only permits the other.
  readBoolean(fields.get('http2'), true);
  return decodeHeaders(fields.get('headers'));
}

const BCRYPT_HASH = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** Each more is twice the time: 16 takes several seconds for every new password. */
const COST = { min: 4, max: 16 } as const;

function checkHash(place: Place): string | undefined {
  const { node } = place;
  const match = BCRYPT_HASH.exec(node.kind === 'scalar' ? node.text : '');
  const cost = Number(match?.[1] ?? NaN);
  if (node.kind === 'scalar' && cost >= COST.min && cost <= COST.max) return node.text;
  const found = match === null ? '' : `found a cost of ${cost}, `;
  // What was found may be the password itself.
  reportProblem(
    place,
    `${found}expected a bcrypt hash ($2y$…) of cost ${COST.min} to ${COST.max}, as "htpasswd -nBC 10 ''" makes one`,
  );
  return undefined;
}

function decodeUsers(place: Place | undefined): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  if (place === undefined) return users;
  if (place.node.kind !== 'map') {
    reportProblem(place, 'expected a map of users to hashes of their passwords');
    return users;
  }
  for (const { key, keyAt, value } of place.node.entries) {
    const shown = JSON.stringify(key.slice(0, 60));
    if (users.has(key)) place.report(keyAt, `${place.path}: ${shown} is there twice`);
    // eslint-disable-next-line no-control-regex -- which is what is looked for
    if (key === '' || /[:\u0000-\u001f]/.test(key)) {
      place.report(keyAt, `${place.path}: found ${shown}, expected a name without ":"`);
    }
    const hash = checkHash({ ...place, node: value, path: `${place.path}.${key}` });
    if (hash !== undefined) users.set(key, hash);
  }
  return users;
}

function readMs(place: Place | undefined): number {
  const isBare = place?.node.kind === 'scalar' && /^[1-9]\d*$/.test(place.node.text);
  if (isBare) reportProblem(place, 'expected a time with a unit, such as 100ms or 1s');
  const us = readQuantity(place, (text, what) => parseTime(text, 'us', what), 0n);
  const ms = Number(us) / 1000;
  if (ms > 86_400_000 && place !== undefined) reportProblem(place, 'expected at most one day');
  return ms;
}

function readBurst(place: Place | undefined): number {
  if (place === undefined) return 0;
  const text = place.node.kind === 'scalar' ? place.node.text : '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  reportProblem(place, 'expected a whole number of requests');
  return 0;
}

function decodeRateLimit(place: Place | undefined): RateLimitConfig | undefined {
  if (place === undefined) return undefined;
  const fields = openMap(place, ['interval', 'burst']);
  const intervalMs = readMs(fields.get('interval'));
  const burst = readBurst(fields.get('burst'));
  if (intervalMs === 0) return undefined;
  if (burst === 0)
    reportProblem(place, 'no request would be let in: expected a burst of 1 or more');
  return { intervalMs, burst };
}

/** Whether there are but empty lines and comments. */
function isEmpty(text: string): boolean {
  return text.split('\n').every((line) => /^\s*(#|$)/.test(line));
}

const ROOT_KEYS = ['tls_server_config', 'http_server_config', 'basic_auth_users', 'rate_limit'];

/**
 * A web configuration as Prometheus and its exporters have it (exporter-toolkit): TLS, headers,
 * users, a limit of requests. No file it names is read. A file without a word is a good one.
 *
 * @throws ConfigError with every problem and its place.
 */
export function parseWebConfig(text: string, name: string): WebConfig {
  const document = parseYamlDocument(isEmpty(text) ? '{}' : text, name);
  return decodeDocument(document, (root) => {
    const fields = openMap(root, ROOT_KEYS);
    const tls = fields.get('tls_server_config');
    return {
      tls: tls && decodeTls(tls, document.locate),
      headers: decodeHttp(fields.get('http_server_config')),
      users: decodeUsers(fields.get('basic_auth_users')),
      rateLimit: decodeRateLimit(fields.get('rate_limit')),
    };
  });
}
