import { LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';
import type { Document, ParsedNode, Scalar } from 'yaml';
import { ConfigError, describeError } from '../base/errors.ts';
import type { ConfigDocument, DocumentNode, MapEntry, ScalarNode } from './document.ts';

/** More is no configuration; an alias of an alias of a list could become any number of nodes. */
const MAX_BYTES = 4 << 20;
const MAX_NODES = 200_000;

/** The library recurses, and a stack that overflows within a regular expression ends the process. */
const MAX_DEPTH = 64;

class YamlProblem extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

function getScalarType({ type, value }: Scalar): ScalarNode['type'] {
  if (type !== 'PLAIN') return 'text';
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'boolean';
  return typeof value === 'number' || typeof value === 'bigint' ? 'number' : 'text';
}

/** A plain scalar keeps its own text: as a number it might be rounded. */
function getScalarText(node: Scalar): string {
  if (node.type === 'PLAIN') return node.source ?? '';
  return typeof node.value === 'string' ? node.value : '';
}

/** Turns the library's nodes into ours, with aliases written out. */
class TreeBuilder {
  readonly #document: Document.Parsed;
  #nrNodes = 0;
  #depth = 0;

  constructor(document: Document.Parsed) {
    this.#document = document;
  }

  build(node: ParsedNode | null, at: number): DocumentNode {
    this.#nrNodes += 1;
    if (this.#nrNodes > MAX_NODES) {
      throw new YamlProblem(at, `more than ${MAX_NODES} values are no configuration`);
    }
    if (node === null) return { kind: 'scalar', type: 'null', text: '', at };
    const [start] = node.range;
    if (isScalar(node)) {
      return { kind: 'scalar', type: getScalarType(node), text: getScalarText(node), at: start };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.build(item, start));
      return { kind: 'list', items, at: start };
    }
    if (isMap(node)) return { kind: 'map', entries: this.#buildEntries(node.items), at: start };
    return this.#buildAlias(node, start);
  }

  #buildAlias(node: ParsedNode, at: number): DocumentNode {
    const target = isAlias(node) ? node.resolve(this.#document) : undefined;
    if (target === undefined) throw new YamlProblem(at, 'an alias of nothing');
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new YamlProblem(at, 'an alias of itself');
    const built = this.build(target as ParsedNode, at);
    this.#depth -= 1;
    return { ...built, at };
  }

  #buildEntries(pairs: readonly { readonly key: unknown; readonly value: unknown }[]): MapEntry[] {
    return pairs.map(({ key, value }) => {
      const keyNode = key as ParsedNode;
      const keyAt = keyNode.range[0];
      if (!isScalar(keyNode)) throw new YamlProblem(keyAt, 'expected a word as a key');
      const node = value as ParsedNode | null;
      return { key: getScalarText(keyNode), keyAt, value: this.build(node, keyAt) };
    });
  }
}

const TOO_DEEP_BLOCK = new RegExp(`^(?:(?: {0,9}[-?:] ){${MAX_DEPTH}}| {${MAX_DEPTH * 8}})`, 'm');

/** Brackets in quotes count too: nobody has as many of them. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (character === '[' || character === '{') depth += 1;
    else if (character === ']' || character === '}') depth = Math.max(0, depth - 1);
    if (depth > MAX_DEPTH) throw new YamlProblem(at, `more than ${MAX_DEPTH} levels of brackets`);
  }
  const block = TOO_DEEP_BLOCK.exec(text);
  if (block !== null) throw new YamlProblem(block.index, `more than ${MAX_DEPTH} levels`);
}

function parseOne(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  const documents = parseAllDocuments(text, {
    lineCounter,
    // Duplicate keys are reported with all other problems.
    uniqueKeys: false,
    prettyErrors: false,
    intAsBigInt: true,
  });
  if (!Array.isArray(documents)) return undefined;
  const [first, second] = documents;
  const syntax = documents.flatMap(({ errors }) => errors)[0];
  if (syntax !== undefined) throw new YamlProblem(syntax.pos[0], syntax.message);
  if (second !== undefined) {
    throw new YamlProblem(second.range[0], 'expected one document, found another one');
  }
  return first;
}

/**
 * YAML text, of which JSON is a part, as a tree with places. Anchors and aliases are written out;
 * tags and merge keys are not supported.
 *
 * @param name What messages call the text: a path, or an option.
 * @throws ConfigError where the text is not YAML, or too large or too deep to be a configuration.
 */
export function parseYamlDocument(text: string, name: string): ConfigDocument {
  const lineCounter = new LineCounter();
  const locate = (at: number): { line: number; column: number } => {
    const { line, col } = lineCounter.linePos(at);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const refuse = (at: number, message: string, cause?: unknown): ConfigError =>
    new ConfigError({ name, problems: [{ ...locate(at), message }], cause });
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw refuse(0, `found ${Buffer.byteLength(text)} bytes, expected at most ${MAX_BYTES}`);
  }
  try {
    checkDepth(text);
    const document = parseOne(text, lineCounter);
    if (!document) throw new YamlProblem(0, 'found nothing, expected a configuration');
    return { name, root: new TreeBuilder(document).build(document.contents, 0), locate };
  } catch (error) {
    if (error instanceof YamlProblem) throw refuse(error.at, `not YAML: ${error.message}`, error);
    throw refuse(0, `not YAML: ${describeError(error)}`, error);
  }
}
