import type { JsonToken } from '../../base/jsonScanner.ts';

/** A value of JSON, with numbers as their text: 64-bit integers survive. */
export type JsonValue = string | boolean | null | readonly JsonValue[] | JsonObject;
export type JsonObject = ReadonlyMap<string, JsonValue>;

/** More in one value (the filters of a scheme, the numbers of a region) is no record. */
const MAX_NODES = 10_000;

/** Builds one value from tokens, in bounded memory. */
export class JsonValueBuilder {
  readonly #open: (JsonValue[] | Map<string, JsonValue>)[] = [];
  readonly #keys: string[] = [];
  #nodes = 0;

  /**
   * Takes the next token of the value.
   *
   * @returns the value once it is complete.
   * @throws RangeError when it is too large to mean anything.
   */
  add(token: JsonToken, text: string): { readonly value: JsonValue } | undefined {
    this.#nodes += 1;
    if (this.#nodes > MAX_NODES) throw new RangeError(`a value of more than ${MAX_NODES} parts`);
    switch (token) {
      case '{':
        this.#open.push(new Map());
        return undefined;
      case '[':
        this.#open.push([]);
        return undefined;
      case 'key':
        this.#keys.push(text);
        return undefined;
      case '}':
      case ']':
        return this.#finish(this.#open.pop() ?? null);
      case 'literal':
        return this.#finish(text === 'null' ? null : text === 'true');
      case 'string':
      case 'number':
        return this.#finish(text);
      case 'more':
      case 'end':
        return undefined;
    }
  }

  #finish(value: JsonValue): { readonly value: JsonValue } | undefined {
    const parent = this.#open.at(-1);
    if (parent === undefined) {
      this.#nodes = 0;
      return { value };
    }
    if (parent instanceof Map) parent.set(this.#keys.pop() ?? '', value);
    else parent.push(value);
    return undefined;
  }
}

/** The object, or undefined for anything else. */
export function asObject(value: JsonValue | undefined): JsonObject | undefined {
  return value instanceof Map ? value : undefined;
}

/** The list, or undefined for anything else. */
export function asList(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : undefined;
}

/** The text of a string or number, or undefined for anything else. */
export function asText(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
