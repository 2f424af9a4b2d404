import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as layout from '../../../src/record/own/layout.ts';
import {
  ACCESSES_TAG,
  AGE_TAG,
  END_TAG,
  START_TAG,
  TAG_MASK,
} from '../../../src/record/own/regionTag.ts';

const text = readFileSync(new URL('../../../src/record/FORMAT.md', import.meta.url), 'utf8');

/** Cells of the table whose first heading is this. */
function readTable(heading: string): string[][] {
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => new RegExp(`^\\| ${heading} *\\|`).test(line));
  expect(begin).toBeGreaterThan(0);
  const rows = lines.slice(
    begin + 2,
    lines.findIndex((line, at) => at > begin && !line.startsWith('|')),
  );
  return rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

interface Place {
  readonly offset: number;
  readonly size: number;
}

describe.each([
  ['FILE_HEADER', layout.FILE_HEADER_BYTES],
  ['BLOCK_HEADER', layout.BLOCK_HEADER_BYTES],
  ['TRAILER', layout.TRAILER_BYTES],
] as const)('the page tells of %s', (name, size) => {
  const places: Record<string, Place> = layout[name];
  const fields = Object.entries(places).map(([field, place]) => [field, place.offset, place.size]);

  test('the fields that the program uses', () => {
    expect(
      readTable(name).map(([field, offset, bytes]) => [field, Number(offset), Number(bytes)]),
    ).toEqual(fields);
  });

  test('fields that follow each other without a hole', () => {
    let end = 0;
    for (const { offset, size: bytes } of Object.values(places)) {
      expect(offset).toBe(end);
      end += bytes;
    }
    expect(end).toBe(size);
  });
});

test('the page names the magic numbers', () => {
  for (const magic of [layout.FILE_MAGIC, layout.BLOCK_MAGIC, layout.END_MAGIC]) {
    expect(text).toContain(`\`${Buffer.from(magic).toString('hex').match(/../g)!.join(' ')}\``);
  }
});

test('the page names the columns in their order', () => {
  expect(readTable('column').map(([name]) => name)).toEqual([...layout.COLUMN_NAMES]);
});

test('the page names the flags of a snapshot', () => {
  const flags = readTable('SNAPSHOT_FLAG').map(([name, value]) => [name, Number(value)]);
  expect(Object.fromEntries(flags)).toEqual(layout.SNAPSHOT_FLAG);
});

test('the page names the fields of a tag', () => {
  const told: Record<string, Record<string, number>> = {};
  const masks: Record<string, number> = {};
  let field = '';
  let firstBit = 0;
  for (const [head, value, name] of readTable(String.raw`field \(bits\)`)) {
    const [, newField, first, last] = /^(\w+) \((\d)(?:-(\d))?\)$/.exec(head!) ?? [];
    if (newField !== undefined) {
      field = newField;
      firstBit = Number(first);
      masks[field] = 2 ** (Number(last ?? first) + 1) - 2 ** firstBit;
    }
    (told[field] ??= {})[name!] = Number(value) << firstBit;
  }
  expect(told).toEqual({ start: START_TAG, end: END_TAG, accesses: ACCESSES_TAG, age: AGE_TAG });
  expect(masks).toEqual(TAG_MASK);
});
