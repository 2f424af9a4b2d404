import fc from 'fast-check';
import { expect, test } from 'vitest';
import { JsonScanner, JsonSyntaxError } from '../../src/base/jsonScanner.ts';
import { JsonValueBuilder } from '../../src/record/damoJson/jsonValue.ts';
import type { JsonValue } from '../../src/record/damoJson/jsonValue.ts';
import { ByteWindow } from '../../src/base/byteWindow.ts';

/** The value of a text that comes in pieces of that size. */
function scan(bytes: Uint8Array, size: number): JsonValue {
  const window = new ByteWindow(16);
  const scanner = new JsonScanner(window);
  const builder = new JsonValueBuilder();
  let result: { readonly value: JsonValue } | undefined;
  for (let from = 0; ; from += size) {
    window.append(bytes.subarray(from, from + size));
    window.isFinal = from + size >= bytes.length;
    for (;;) {
      const token = scanner.next();
      if (token === 'end') return result!.value;
      if (token === 'more') break;
      const isText = !'{}[]'.includes(token);
      result = builder.add(token, isText ? scanner.text : '') ?? result;
    }
  }
}

/** What JSON.parse makes of it, with numbers as their text, as far as that can be told. */
function toPlain(value: JsonValue): unknown {
  if (value instanceof Map) {
    return Object.fromEntries(
      [...(value as ReadonlyMap<string, JsonValue>)].map(([key, inner]) => [key, toPlain(inner)]),
    );
  }
  return Array.isArray(value) ? (value as readonly JsonValue[]).map(toPlain) : value;
}

const numbersToText = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? JSON.stringify(value) : value;

test('any JSON in any pieces is what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 6, noUnicodeString: false }),
      fc.integer({ min: 1, max: 50 }),
      fc.constantFrom(undefined, 1, 4),
      (text, size, indent) => {
        const laidOut = JSON.stringify(JSON.parse(text), null, indent);
        const expected: unknown = JSON.parse(laidOut, numbersToText);
        expect(toPlain(scan(Buffer.from(laidOut), size))).toEqual(expected);
      },
    ),
    { numRuns: 500 },
  );
});

test('a byte order mark within a string is a part of it', () => {
  const text = '{"\ufeffkey":"\ufeffvalue"}';
  expect(toPlain(scan(Buffer.from(text), 3))).toEqual(JSON.parse(text));
});

/** Deterministic nonsense close to JSON. */
const almostJson = fc
  .tuple(
    fc.json({ maxDepth: 3 }),
    fc.nat(),
    fc.constantFrom(...Array.from('{}[]",:\\ \n0123.eE+-tfnu\u0001é')),
    fc.boolean(),
  )
  .map(([text, at, char, isInsert]) => {
    const index = at % (text.length + 1);
    return text.slice(0, index) + char + text.slice(isInsert ? index : index + 1);
  });

test('what JSON.parse refuses is refused, and nothing else', () => {
  fc.assert(
    fc.property(almostJson, fc.integer({ min: 1, max: 9 }), (text, size) => {
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      const attempt = (): JsonValue => scan(Buffer.from(text), size);
      if (isJson) attempt();
      else expect(attempt).toThrow(JsonSyntaxError);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ['bytes that are not UTF-8', Buffer.from([0x22, 0xc3, 0x28, 0x22]), /not UTF-8/],
  ['a lone continuation byte', Buffer.from([0x22, 0x80, 0x22]), /not UTF-8/],
  ['65 levels', Buffer.from('['.repeat(65)), /more than 64 levels/],
])('%s are refused', (_what, bytes, message) => {
  expect(() => scan(bytes, 3)).toThrow(message);
});

test('a value of many parts is refused before it fills memory', () => {
  const text = Buffer.from(`[${'1,'.repeat(20_000)}1]`);
  expect(() => scan(text, 4096)).toThrow(/more than 10000 parts/);
});

test('a string without end is refused before it fills memory', () => {
  expect(() => scan(Buffer.from(`"${'a'.repeat(4 << 20)}`), 1 << 16)).toThrow(/longer than/);
});
