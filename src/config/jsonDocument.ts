import { ByteWindow } from '../base/byteWindow.ts';
import { ConfigError } from '../base/errors.ts';
import { JsonScanner, JsonSyntaxError } from '../base/jsonScanner.ts';
import type { JsonToken } from '../base/jsonScanner.ts';
import type { ConfigDocument, DocumentNode, MapEntry, TextPosition } from './document.ts';

/** More is no configuration; a record given by mistake should be refused at once. */
const MAX_BYTES = 4 << 20;
const MAX_NODES = 200_000;

interface OpenContainer {
  readonly at: number;
  readonly items: DocumentNode[];
  /** Undefined for a list. */
  readonly entries: MapEntry[] | undefined;
  key: { readonly text: string; readonly at: number };
}

function locateByte(bytes: Uint8Array, at: number): TextPosition {
  const before = new TextDecoder().decode(bytes.subarray(0, at));
  const lineStart = before.lastIndexOf('\n') + 1;
  return {
    line: before.split('\n').length,
    column: Array.from(before.slice(lineStart)).length + 1,
  };
}

/** Puts tokens together; throws RangeError for more of them than any configuration has. */
class NodeBuilder {
  readonly #open: OpenContainer[] = [];
  #nrNodes = 0;
  root: DocumentNode | undefined;

  add(token: JsonToken, at: number, text: string): void {
    this.#nrNodes += 1;
    if (this.#nrNodes > MAX_NODES) {
      throw new RangeError(`more than ${MAX_NODES} values are no configuration`);
    }
    switch (token) {
      case '{':
      case '[':
        this.#open.push({
          at,
          items: [],
          entries: token === '{' ? [] : undefined,
          key: { text: '', at },
        });
        return;
      case '}':
      case ']':
        this.#close();
        return;
      case 'key': {
        const container = this.#open.at(-1);
        if (container !== undefined) container.key = { text, at };
        return;
      }
      case 'string':
        this.#finish({ kind: 'scalar', type: 'text', text, at });
        return;
      case 'number':
        this.#finish({ kind: 'scalar', type: 'number', text, at });
        return;
      case 'literal':
        this.#finish({ kind: 'scalar', type: text === 'null' ? 'null' : 'boolean', text, at });
        return;
      case 'more':
      case 'end':
        return;
    }
  }

  #close(): void {
    const container = this.#open.pop();
    if (container === undefined) return;
    const { at, items, entries } = container;
    this.#finish(
      entries === undefined ? { kind: 'list', items, at } : { kind: 'map', entries, at },
    );
  }

  #finish(node: DocumentNode): void {
    const parent = this.#open.at(-1);
    if (parent === undefined) this.root = node;
    else if (parent.entries === undefined) parent.items.push(node);
    else parent.entries.push({ key: parent.key.text, keyAt: parent.key.at, value: node });
  }
}

function buildTree(window: ByteWindow): DocumentNode {
  const scanner = new JsonScanner(window);
  const builder = new NodeBuilder();
  for (;;) {
    const token = scanner.next();
    if (token === 'end' && builder.root !== undefined) return builder.root;
    const isText = token === 'key' || token === 'string';
    const text = isText || token === 'number' || token === 'literal' ? scanner.text : '';
    builder.add(token, scanner.tokenStart - (isText ? 1 : 0), text);
  }
}

/**
 * JSON text as a tree with places.
 *
 * @throws ConfigError where the text is not JSON, or too large or too deep to be a configuration.
 */
export function parseJsonDocument(text: string, name: string): ConfigDocument {
  const bytes = Buffer.from(text);
  const refuse = (at: number, message: string, cause?: unknown): ConfigError =>
    new ConfigError({ name, problems: [{ ...locateByte(bytes, at), message }], cause });
  if (bytes.length > MAX_BYTES) {
    throw refuse(0, `found ${bytes.length} bytes, expected at most ${MAX_BYTES}`);
  }
  const window = new ByteWindow(bytes.length);
  window.append(bytes);
  window.isFinal = true;
  try {
    return { name, root: buildTree(window), locate: locateByte.bind(undefined, bytes) };
  } catch (error) {
    if (error instanceof JsonSyntaxError) {
      throw refuse(error.index, `not JSON: ${error.message}`, error);
    }
    if (error instanceof RangeError) throw refuse(0, error.message, error);
    throw error;
  }
}
