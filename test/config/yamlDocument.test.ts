import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/base/errors.ts';
import type { DocumentNode } from '../../src/config/document.ts';
import { parseYamlDocument } from '../../src/config/yamlDocument.ts';
import { fuzzRuns } from '../support/fuzzRuns.ts';

function simplify(node: DocumentNode): unknown {
  if (node.kind === 'list') return node.items.map(simplify);
  if (node.kind === 'map') return node.entries.map(({ key, value }) => [key, simplify(value)]);
  return `${node.type} ${node.text}`;
}

function parse(text: string): unknown {
  return simplify(parseYamlDocument(text, 'f.yaml').root);
}

describe('YAML as a tree', () => {
  test('keeps the text of every scalar', () => {
    expect(parse('[5ms, "5", 18446744073709551615, 1e3, yes, true, ~, null, ]')).toEqual([
      'text 5ms',
      'text 5',
      'number 18446744073709551615',
      'number 1e3',
      'text yes',
      'boolean true',
      'null ~',
      'null null',
    ]);
  });

  test('writes aliases out, and keeps a key that is there twice', () => {
    expect(parse('a: &x {b: 1}\nc: *x\na: 2\nd:\n')).toEqual([
      ['a', [['b', 'number 1']]],
      ['c', [['b', 'number 1']]],
      ['a', 'number 2'],
      ['d', 'null '],
    ]);
  });

  test('tells where everything is, also where JSON is meant', () => {
    const { root, locate } = parseYamlDocument('{"a":\n  [1, {"b": 2}]}', 'f.json');
    const list = root.kind === 'map' ? root.entries[0]?.value : undefined;
    const inner = list?.kind === 'list' ? list.items[1] : undefined;
    expect(locate(inner?.at ?? -1)).toEqual({ line: 2, column: 7 });
  });
});

const DOUBLING = Array.from({ length: 7 }, (_, level) =>
  level === 0
    ? 'a0: &a0 [x, x, x, x, x, x, x, x]'
    : `a${level}: &a${level} [${Array.from({ length: 8 }, () => `*a${level - 1}`).join(', ')}]`,
).join('\n');

test.each<[string, string, RegExp]>([
  ['nothing', '', /f\.yaml:1:1: not YAML: found nothing/],
  ['an open list', 'a: [1,\n', /f\.yaml:2:1: not YAML/],
  ['two documents', 'a: 1\n---\nb: 2\n', /f\.yaml:2:1: .*expected one document/],
  ['a key that is a list', '? [a]\n: 1', /f\.yaml:1:3: .*expected a word as a key/],
  ['an alias of nothing', 'a: *b', /f\.yaml:1:4: .*an alias of nothing/],
  ['an alias of itself', 'a: &a [*a]', /an alias of itself/],
  ['brackets without end', '['.repeat(100_000), /more than 64 levels of brackets/],
  ['dashes without end', '- '.repeat(50_000), /more than 64 levels/],
  ['a list of lists of lists …', DOUBLING, /more than 200000 values/],
  ['megabytes', `a: ${'x'.repeat(5 << 20)}`, /expected at most 4194304/],
])('%s is refused with the place', (_title, text, message) => {
  let error: unknown;
  try {
    parseYamlDocument(text, 'f.yaml');
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(ConfigError);
  expect(String(error)).toMatch(message);
});

test('any text becomes a tree or a ConfigError', () => {
  const line = fc.oneof(
    fc.constantFrom('a: 1', '- b', '  c: [1, 2', '}', '&x', '*x', '? y', '|', '>-', '"', "'", '#'),
    fc.string({ maxLength: 12, unit: 'binary' }),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      try {
        parseYamlDocument(lines.join('\n'), 'f');
      } catch (error) {
        expect(error).toBeInstanceOf(ConfigError);
      }
    }),
    { numRuns: fuzzRuns(400) },
  );
});
