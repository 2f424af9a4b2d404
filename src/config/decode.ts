import { explainWord } from '../base/words.ts';
import { ConfigError } from '../base/errors.ts';
import type { ConfigDocument, DocumentNode } from './document.ts';

/** A node of the document, what leads to it, and where to complain. */
export interface Place {
  readonly node: DocumentNode;
  /** As in `contexts[0].ops`; empty for the root. */
  readonly path: string;
  readonly report: (at: number, message: string) => void;
}

/** The values of a map by their keys. */
export interface Fields {
  /** Undefined where the key is absent or null. */
  get(key: string): Place | undefined;
  /** The same, and a problem where it is undefined. */
  require(key: string): Place | undefined;
}

/** More would hide the first ones, which often cause the others. */
const MAX_SHOWN_PROBLEMS = 20;

/**
 * Decodes a whole document. Decoders report what is wrong and go on with some value; where anything
 * was reported that value is thrown away.
 *
 * @throws ConfigError with every problem.
 */
export function decodeDocument<T>(document: ConfigDocument, decode: (root: Place) => T): T {
  const found: { readonly at: number; readonly message: string }[] = [];
  const report = (at: number, message: string): void => {
    found.push({ at, message });
  };
  const value = decode({ node: document.root, path: '', report });
  if (found.length === 0) return value;
  const shown = found.toSorted((left, right) => left.at - right.at).slice(0, MAX_SHOWN_PROBLEMS);
  throw new ConfigError({
    name: document.name,
    problems: shown.map(({ at, message }) => ({ ...document.locate(at), message })),
    nrMore: found.length - shown.length,
  });
}

export function reportProblem({ node, path, report }: Place, message: string): void {
  report(node.at, path === '' ? message : `${path}: ${message}`);
}

/** For messages: what was found, in its own words. */
export function describeNode(node: DocumentNode): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map';
  const text = node.text.length > 60 ? `${node.text.slice(0, 57)}…` : node.text;
  return node.type === 'text' ? JSON.stringify(text) : text;
}

function isNull(node: DocumentNode): boolean {
  return node.kind === 'scalar' && node.type === 'null';
}

/**
 * Other keys are problems, as is a key that is there twice, and anything but a map.
 *
 * @param unasked Keys that may be there, too, and that nobody is told to write.
 */
export function openMap(
  place: Place,
  keys: readonly string[],
  unasked: readonly string[] = [],
): Fields {
  const { node, path, report } = place;
  const fields = new Map<string, Place>();
  const isMap = node.kind === 'map';
  if (!isMap) reportProblem(place, `found ${describeNode(node)}, expected a map`);
  for (const { key, keyAt, value } of isMap ? node.entries : []) {
    const inner = { node: value, path: path === '' ? key : `${path}.${key}`, report };
    const where = path === '' ? '' : `${path}: `;
    const isKnown = keys.includes(key) || unasked.includes(key);
    if (!isKnown) {
      report(
        keyAt,
        `${where}unknown key ${JSON.stringify(key.slice(0, 60))}, ${explainWord(key, keys)}`,
      );
    } else if (fields.has(key)) report(keyAt, `${where}"${key}" is there twice`);
    else fields.set(key, inner);
  }
  const get = (key: string): Place | undefined => {
    const field = fields.get(key);
    return field === undefined || isNull(field.node) ? undefined : field;
  };
  return {
    get,
    require: (key) => {
      const field = get(key);
      if (field === undefined && isMap) reportProblem(place, `"${key}" is missing`);
      return field;
    },
  };
}

/** A value of a map nothing else of which is of interest; undefined also where it is none. */
export function peekField(place: Place | undefined, key: string): Place | undefined {
  if (place?.node.kind !== 'map') return undefined;
  const entry = place.node.entries.find((candidate) => candidate.key === key);
  if (entry === undefined || isNull(entry.value)) return undefined;
  return { ...place, node: entry.value, path: `${place.path}.${key}` };
}

/** The elements of a list; none where the place is undefined, or a problem. */
export function listItems(place: Place | undefined): readonly Place[] {
  if (place === undefined) return [];
  const { node, path, report } = place;
  if (node.kind === 'list') {
    return node.items.map((item, index) => ({ node: item, path: `${path}[${index}]`, report }));
  }
  reportProblem(place, `found ${describeNode(node)}, expected a list`);
  return [];
}

/** JSON's exponents written out, as far as a 64-bit number can have one. */
function expandExponent(text: string): string {
  const match = /^(\d+)(?:\.(\d+))?[eE]\+?(\d{1,2})$/.exec(text);
  if (match === null) return text;
  const [, whole = '', fraction = '', exponent = ''] = match;
  const digits = fraction.padEnd(Number(exponent), '0');
  const rest = digits.slice(Number(exponent));
  return `${whole}${digits.slice(0, Number(exponent))}${rest === '' ? '' : `.${rest}`}`;
}

/** What was decoded, checked: a RangeError of the check becomes a problem of the place. */
export function checkDecoded<T>(
  place: Place | undefined,
  value: T,
  check: (value: T, what: string) => void,
): T {
  if (place === undefined) return value;
  try {
    check(value, place.path);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    place.report(place.node.at, error.message);
  }
  return value;
}

/**
 * A scalar through one of the parsers of quantities; numbers come as text too.
 *
 * @param parse May throw RangeError, whose message names what it was given as `what`.
 */
export function readQuantity<T>(
  place: Place | undefined,
  parse: (text: string, what: string) => T,
  fallback: T,
): T {
  if (place === undefined) return fallback;
  const { node, path, report } = place;
  if (node.kind !== 'scalar' || node.type === 'boolean') {
    reportProblem(place, `found ${describeNode(node)}, expected a number`);
    return fallback;
  }
  try {
    return parse(node.type === 'number' ? expandExponent(node.text) : node.text.trim(), path);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    report(node.at, error.message);
    return fallback;
  }
}

/** One of the words; `fallback` where there is nothing, or a problem. */
export function readWord<T extends string, F = T>(
  place: Place | undefined,
  words: readonly T[],
  fallback: F,
): T | F {
  if (place === undefined) return fallback;
  const { node } = place;
  const found = words.find((word) => node.kind === 'scalar' && node.text === word);
  if (found !== undefined) return found;
  const text = node.kind === 'scalar' ? node.text : '';
  reportProblem(place, `found ${describeNode(node)}, ${explainWord(text, words)}`);
  return fallback;
}

const TRUE_WORDS: readonly string[] = ['true', 'y', 'yes', 'on', '1'];
const FALSE_WORDS: readonly string[] = ['false', 'n', 'no', 'off', '0'];

/** True or false, also in the words the kernel's files take. */
export function readBoolean(place: Place | undefined, fallback: boolean): boolean {
  if (place === undefined) return fallback;
  const { node } = place;
  const word = node.kind === 'scalar' ? node.text.toLowerCase() : '';
  if (TRUE_WORDS.includes(word)) return true;
  if (!FALSE_WORDS.includes(word)) {
    reportProblem(place, `found ${describeNode(node)}, expected true or false`);
  }
  return false;
}

/** Text that is not empty and has no control characters; undefined where absent, or a problem. */
export function readText(place: Place | undefined): string | undefined {
  if (place === undefined) return undefined;
  const { node } = place;
  // eslint-disable-next-line no-control-regex -- which is what is looked for
  const isText = node.kind === 'scalar' && node.text !== '' && !/[\u0000-\u001f]/.test(node.text);
  if (isText) return node.text;
  reportProblem(place, `found ${describeNode(node)}, expected a text of one line`);
  return undefined;
}
