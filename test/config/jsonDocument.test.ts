import { describe, expect, test } from 'vitest';
import type { DocumentNode } from '../../src/config/document.ts';
import { parseJsonDocument } from '../../src/config/jsonDocument.ts';

function findScalar(node: DocumentNode, text: string): DocumentNode | undefined {
  if (node.kind === 'scalar') return node.text === text ? node : undefined;
  const inner = node.kind === 'list' ? node.items : node.entries.map(({ value }) => value);
  return inner.map((child) => findScalar(child, text)).find((found) => found !== undefined);
}

test('numbers keep every digit, and every value its place', () => {
  const text = '{\n  "é€𝕏": [18446744073709551615, "x\\u0041", 1e3, -0.50],\n\t"b": null}';
  const { root, locate } = parseJsonDocument(text, 'it.json');
  expect(root).toMatchObject({
    kind: 'map',
    entries: [
      {
        key: 'é€𝕏',
        value: {
          kind: 'list',
          items: [
            { type: 'number', text: '18446744073709551615' },
            { type: 'text', text: 'xA' },
            { type: 'number', text: '1e3' },
            { type: 'number', text: '-0.50' },
          ],
        },
      },
      { key: 'b', value: { type: 'null' } },
    ],
  });
  expect(locate(root.at)).toEqual({ line: 1, column: 1 });
  expect(locate(findScalar(root, '18446744073709551615')!.at)).toEqual({ line: 2, column: 11 });
  expect(locate(findScalar(root, 'xA')!.at)).toEqual({ line: 2, column: 33 });
  expect(locate(findScalar(root, 'null')!.at)).toEqual({ line: 3, column: 7 });
});

describe('what is no JSON is refused with its place', () => {
  test.each([
    ['', 'it.json:1:1: not JSON: the text ends in the middle'],
    ['{"a": 1,}', 'it.json:1:9: not JSON: found "}", expected a key in quotes'],
    ['[1]\n]', 'it.json:2:1: not JSON: found "]", expected the end of the text'],
    ['{"a"\n: tru}', 'it.json:2:3: not JSON: found "tru", expected a value'],
    ['[01]', 'it.json:1:2: not JSON: found "01", expected a value'],
    ['["a\nb"]', 'it.json:1:4: not JSON: found a control character in a string'],
    ['"\\x"', 'it.json:1:2: not JSON: found a string with a bad escape'],
    ['['.repeat(100_000), 'it.json:1:65: not JSON: nested more than 64 levels deep'],
    [`[${'0,'.repeat(200_000)}0]`, 'it.json:1:1: more than 200000 values are no configuration'],
    [' '.repeat(5 << 20), 'it.json:1:1: found 5242880 bytes, expected at most 4194304'],
  ])('%.20j', (text, message) => {
    expect(() => parseJsonDocument(text, 'it.json')).toThrow(
      expect.objectContaining({ code: 'config', message }),
    );
  });
});
