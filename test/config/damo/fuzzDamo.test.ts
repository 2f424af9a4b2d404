import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError } from '../../../src/base/errors.ts';
import { translateOneLineSchemes } from '../../../src/config/damo/oneLineSchemes.ts';
import { parseDamoKdamonds, parseDamoSchemes } from '../../../src/config/damo/parseDamoKdamonds.ts';
import { fuzzRuns } from '../../support/fuzzRuns.ts';

const USUAL = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000 };
const KDAMONDS = JSON.stringify(
  JSON.parse(readFileSync('test/fixtures/damo/args-damon-3.4.1.json', 'utf8')),
);

/** Answers, or tells problems with places in this text; never anything else. */
function expectAnswer(text: string, parse: (text: string, name: string) => unknown): void {
  try {
    parse(text, 'it');
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const nrLines = text.split('\n').length;
    const isPlaced = error.problems.every(({ line, column }) => line <= nrLines && column > 0);
    if (!isPlaced || error.problems.length === 0) throw error;
  }
}

/** Each run tries `size` texts: setting up a run takes longer than parsing one. */
function tryTexts(
  text: fc.Arbitrary<string>,
  { numRuns, size }: { readonly numRuns: number; readonly size: number },
  parse: (text: string, name: string) => unknown,
): void {
  fc.assert(
    fc.property(fc.array(text, { minLength: size, maxLength: size }), (texts) => {
      for (const one of texts) expectAnswer(one, parse);
    }),
    { numRuns: fuzzRuns(numRuns) },
  );
}

const WORDS = [
  ...['max', 'min', '0', '-1', '4K', '1e400', '18446744073709551616', '3 samples', '90 %', '5 ms'],
  ...['null', 'true', '{}', '[]', '""', '"vaddr"', '"\\ud800"', '{"min": 1, "max": 0}', '\u0000'],
  ...['9'.repeat(5000), '[[[[', ',', ':', '"a": 1'],
];

test('a file of kdamonds with a few characters changed', () => {
  const change = fc.tuple(fc.nat(KDAMONDS.length), fc.nat(30), fc.constantFrom(...WORDS, ''));
  const text = fc
    .array(change, { minLength: 1, maxLength: 3 })
    .map((changes) =>
      changes.reduce(
        (changed, [at, length, word]) => changed.slice(0, at) + word + changed.slice(at + length),
        KDAMONDS,
      ),
    );
  tryTexts(text, { numRuns: 50, size: 60 }, parseDamoKdamonds);
});

test('a file of kdamonds with other values', () => {
  const nrValues = KDAMONDS.match(/"[^"]*"(?=[,}\]])/g)!.length;
  expect(nrValues).toBeGreaterThan(40);
  const text = fc
    .tuple(fc.nat(nrValues - 1), fc.oneof(fc.constantFrom(...WORDS), fc.json({ maxDepth: 2 })))
    .map(([index, value]) => {
      let count = 0;
      return KDAMONDS.replace(/"[^"]*"(?=[,}\]])/g, (old) => (count++ === index ? value : old));
    });
  tryTexts(text, { numRuns: 25, size: 60 }, parseDamoKdamonds);
});

test('schemes that are any JSON, with the keys of schemes', () => {
  const key = fc.constantFrom('action', 'quotas', 'access_pattern', 'age', 'min', 'filters', 'foo');
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom<unknown>('max', 7, true, null, '5 ms', 'cold', -1),
      fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      fc.array(tie('tree'), { maxLength: 2 }),
    ),
  }));
  const text = tree.map((value) => JSON.stringify([value]));
  tryTexts(text, { numRuns: 100, size: 100 }, (one, name) => parseDamoSchemes(one, name, USUAL));
});

test('schemes of one line', () => {
  const field = fc.oneof(
    fc.constantFrom(...['2M', 'max', '0', '90', '100%', '5ms', 'hugepage', '#', 'none', '\n']),
    fc.constantFrom(...WORDS),
    fc.string({ maxLength: 4 }),
  );
  const text = fc.array(field, { maxLength: 20 }).map((fields) => fields.join(' '));
  tryTexts(text, { numRuns: 210, size: 150 }, translateOneLineSchemes);
});
