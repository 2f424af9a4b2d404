import { explainWord } from '../base/words.ts';
import type { ServeSetting } from './config.ts';
import {
  describeNode,
  listItems,
  readBoolean,
  readText,
  readWord,
  reportProblem,
} from './decode.ts';
import type { Place } from './decode.ts';
import { SERVE_KEYS, SERVE_PAIRS } from './serveKeys.ts';
import type { ServeKey } from './serveKeys.ts';
import type { TextPosition } from './document.ts';

type Locate = (at: number) => TextPosition;

function readNumber(place: Place): number | undefined {
  const { node } = place;
  if (node.kind === 'scalar' && node.type === 'number') return Number(node.text);
  reportProblem(place, `found ${describeNode(node)}, expected a number`);
  return undefined;
}

function readTexts(place: Place): string[] {
  const places = place.node.kind === 'list' ? listItems(place) : [place];
  return places.flatMap((item) => readText(item) ?? []);
}

/** NAME=VALUE of each; messages show no value, which may be a secret. */
function readPairs(place: Place): string[] {
  const { node, path, report } = place;
  if (node.kind !== 'map') {
    report(node.at, `${path}: expected a map of names to values`);
    return [];
  }
  return node.entries.flatMap(({ key, value }) => {
    // eslint-disable-next-line no-control-regex -- which is what is looked for
    if (value.kind === 'scalar' && !/[\u0000-\u001f]/.test(value.text)) {
      return [`${key}=${value.text}`];
    }
    report(value.at, `${path}.${key}: expected a text of one line`);
    return [];
  });
}

function readValue(place: Place, key: ServeKey): ServeSetting['value'] | undefined {
  switch (key.kind) {
    case 'text':
      return readText(place);
    case 'number':
      return readNumber(place);
    case 'boolean':
      return readBoolean(place, false);
    case 'list':
      return readTexts(place);
    case 'word':
      return readWord(place, key.words, undefined);
  }
}

/** What can stand at this place of a name, as in `web` and `web.max-requests`. */
function listNextKeys(prefix: string): string[] {
  const all = [...Object.keys(SERVE_KEYS), ...Object.keys(SERVE_PAIRS)];
  const below = all.filter((name) => name.startsWith(prefix)).map((n) => n.slice(prefix.length));
  return [...new Set(below.flatMap((name) => [name.split('.')[0] ?? name, name]))];
}

interface Found {
  readonly name: string;
  readonly place: Place;
  readonly keyAt: number;
}

/** Values by the names of options; maps within maps stand for names with points. */
function findValues(place: Place, prefix: string): Found[] {
  const { node, path, report } = place;
  if (node.kind !== 'map') {
    reportProblem(place, `found ${describeNode(node)}, expected a map of options of serve`);
    return [];
  }
  return node.entries.flatMap(({ key, keyAt, value }) => {
    const name = `${prefix}${key}`;
    const inner = { ...place, node: value, path: `${path}.${key}` };
    if (name in SERVE_KEYS || name in SERVE_PAIRS) return [{ name, place: inner, keyAt }];
    const next = listNextKeys(prefix);
    if (next.some((known) => known.startsWith(`${key}.`))) return findValues(inner, `${name}.`);
    report(
      keyAt,
      `${path}: unknown key ${JSON.stringify(key.slice(0, 60))}, ${explainWord(key, next)}`,
    );
    return [];
  });
}

/**
 * Options of `serve`, by their names on the command line: `web.max-requests: 5`, or as maps,
 * `web: { max-requests: 5 }`. Only their kinds are checked here; what they mean is for the command.
 */
export function decodeServe(place: Place | undefined, locate: Locate): ServeSetting[] {
  if (place === undefined) return [];
  const settings = new Map<string, ServeSetting>();
  for (const { name: written, place: at, keyAt } of findValues(place, '')) {
    const name = SERVE_PAIRS[written] ?? written;
    const key = SERVE_KEYS[name];
    if (settings.has(name)) at.report(keyAt, `${at.path}: "${name}" is there twice`);
    const value = written === name && key !== undefined ? readValue(at, key) : readPairs(at);
    if (value !== undefined) settings.set(name, { name, value, position: locate(at.node.at) });
  }
  return [...settings.values()];
}
