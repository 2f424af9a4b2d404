import { explainWord } from '../base/words.ts';
import {
  listItems,
  openMap,
  peekField,
  readBoolean,
  readText,
  readWord,
  reportProblem,
} from './decode.ts';
import type { Fields, Place } from './decode.ts';
import type { TextPosition } from './document.ts';
import { CLIENT_AUTH_TYPES } from './webConfig.ts';
import type { ClientAuthType, PemSource, TlsConfig, TlsVersion } from './webConfig.ts';

type Locate = (at: number) => TextPosition;

const TLS_KEYS = [
  'cert',
  'cert_file',
  'key',
  'key_file',
  'client_ca',
  'client_ca_file',
  'client_auth_type',
  'client_allowed_sans',
  'min_version',
  'max_version',
  'cipher_suites',
  'curve_preferences',
  'prefer_server_cipher_suites',
];

/** Go's names, which the format has, to OpenSSL's. Those of TLS 1.3 are the same in both. */
const CIPHER_SUITES: Readonly<Record<string, string>> = {
  TLS_AES_128_GCM_SHA256: 'TLS_AES_128_GCM_SHA256',
  TLS_AES_256_GCM_SHA384: 'TLS_AES_256_GCM_SHA384',
  TLS_CHACHA20_POLY1305_SHA256: 'TLS_CHACHA20_POLY1305_SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
};

const TLS13_SUITES = Object.keys(CIPHER_SUITES).slice(0, 3);

const CURVES: Readonly<Record<string, string>> = {
  CurveP256: 'P-256',
  CurveP384: 'P-384',
  CurveP521: 'P-521',
  X25519: 'X25519',
  X25519MLKEM768: 'X25519MLKEM768',
};

const VERSIONS: Readonly<Record<string, TlsVersion>> = { TLS12: 'TLSv1.2', TLS13: 'TLSv1.3' };

function readVersion(place: Place | undefined, fallback: TlsVersion): TlsVersion {
  if (place?.node.kind === 'scalar' && /^TLS1[01]$/.test(place.node.text)) {
    reportProblem(
      place,
      `found ${place.node.text}, which is broken (RFC 8996) and not offered; expected TLS12 or TLS13`,
    );
    return fallback;
  }
  const word = readWord(place, Object.keys(VERSIONS), undefined);
  return (word === undefined ? undefined : VERSIONS[word]) ?? fallback;
}

/** Names of a list in OpenSSL's words; undefined where there is no list. */
function readNames(
  place: Place | undefined,
  names: Readonly<Record<string, string>>,
): string[] | undefined {
  if (place === undefined) return undefined;
  const found = listItems(place).flatMap((item) => {
    const text = readText(item);
    if (text === undefined) return [];
    const name = names[text];
    if (name === undefined) {
      reportProblem(
        item,
        `found ${JSON.stringify(text)}, ${explainWord(text, Object.keys(names))}`,
      );
    }
    return name ?? [];
  });
  return found.length === 0 ? undefined : found;
}

/** As in Go, a list without suites of TLS 1.3 says nothing about them. */
function formatCiphers(names: readonly string[] | undefined): string | undefined {
  if (names === undefined) return undefined;
  const isComplete = names.some((name) => TLS13_SUITES.includes(name));
  return [...(isComplete ? [] : TLS13_SUITES), ...names].join(':');
}

function readPem(fields: Fields, key: string, locate: Locate): PemSource | undefined {
  const inline = fields.get(key);
  const file = fields.get(`${key}_file`);
  if (inline !== undefined && file !== undefined) {
    reportProblem(file, `"${key}" is there, too: expected one of them`);
  }
  const place = file ?? inline;
  if (place === undefined) return undefined;
  const position = locate(place.node.at);
  if (file !== undefined) {
    return { key: `${key}_file`, position, path: readText(file), text: undefined };
  }
  const isText = place.node.kind === 'scalar' && place.node.text.includes('-----BEGIN ');
  // What was found may be a secret.
  if (!isText) reportProblem(place, 'expected text in PEM form (-----BEGIN …)');
  const text = place.node.kind === 'scalar' ? place.node.text : '';
  return { key, position, path: undefined, text };
}

const VERIFYING: readonly ClientAuthType[] = [
  'VerifyClientCertIfGiven',
  'RequireAndVerifyClientCert',
];

function checkClients(place: Place, fields: Fields, type: ClientAuthType): void {
  const ca = fields.get('client_ca') ?? fields.get('client_ca_file');
  const sans = fields.get('client_allowed_sans');
  const isVerifying = VERIFYING.includes(type);
  if (ca !== undefined && type === 'NoClientCert') {
    reportProblem(
      ca,
      'found without client_auth_type, by which clients are asked for certificates',
    );
  }
  if (ca === undefined && isVerifying) {
    const at = fields.get('client_auth_type') ?? place;
    reportProblem(at, `${type} needs client_ca_file: whose certificates are good?`);
  }
  if (sans !== undefined && !isVerifying) {
    const expected = `expected client_auth_type ${VERIFYING.join(' or ')}`;
    reportProblem(sans, `names in certificates that nobody verifies mean nothing; ${expected}`);
  }
}

/** A certificate and a key must be there, from files or the text itself. */
export function decodeTls(place: Place, locate: Locate): TlsConfig | undefined {
  const fields = openMap(place, TLS_KEYS);
  const [cert, key] = ['cert', 'key'].map((name) => readPem(fields, name, locate));
  if (place.node.kind === 'map') {
    if (cert === undefined) reportProblem(place, '"cert_file" is missing');
    if (key === undefined) reportProblem(place, '"key_file" is missing');
  }
  const clientAuthType = readWord(
    fields.get('client_auth_type'),
    CLIENT_AUTH_TYPES,
    'NoClientCert',
  );
  checkClients(place, fields, clientAuthType);
  const minVersion = readVersion(fields.get('min_version'), 'TLSv1.2');
  const maxVersion = readVersion(fields.get('max_version'), 'TLSv1.3');
  const max = peekField(place, 'max_version');
  if (minVersion > maxVersion && max !== undefined) {
    reportProblem(max, 'found a version below min_version');
  }
  const clientCa = readPem(fields, 'client_ca', locate);
  const sans = listItems(fields.get('client_allowed_sans'));
  const curves = readNames(fields.get('curve_preferences'), CURVES);
  const ciphers = formatCiphers(readNames(fields.get('cipher_suites'), CIPHER_SUITES));
  const isServerOrderPreferred = readBoolean(fields.get('prefer_server_cipher_suites'), true);
  if (cert === undefined || key === undefined) return undefined;
  return {
    cert,
    key,
    clientCa,
    clientAuthType,
    clientAllowedSans: sans.flatMap((item) => readText(item) ?? []),
    minVersion,
    maxVersion,
    ciphers,
    isServerOrderPreferred,
    curves: curves?.join(':'),
    position: locate(place.node.at),
  };
}
