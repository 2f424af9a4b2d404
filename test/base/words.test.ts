import { expect, test } from 'vitest';
import { explainWord, parseWord } from '../../src/base/words.ts';

const WORDS = ['pageout', 'hugepage', 'nohugepage', 'cold', 'collapse', 'intervals'] as const;
const ALL = `expected ${WORDS.join(', ')}`;

test.each([
  ['pagout', 'did you mean "pageout"?'],
  ['PAGEOUT', 'did you mean "pageout"?'],
  ['pagoeut', 'did you mean "pageout"?'],
  ['hugepages', 'did you mean "hugepage"?'],
  ['interval', 'did you mean "intervals"?'],
  ['codl', 'did you mean "cold"?'],
  ['reclaim', ALL],
  ['', ALL],
  ['x'.repeat(1_000_000), ALL],
])('%.20s is explained', (word, explanation) => {
  expect(explainWord(word, WORDS)).toBe(explanation);
});

test('a known word is itself, another is refused and shown in part', () => {
  expect(parseWord('cold', WORDS, 'action')).toBe('cold');
  expect(() => parseWord('colt', WORDS, 'action')).toThrow(
    'action: found "colt", did you mean "cold"?',
  );
  expect(() => parseWord('x'.repeat(99), WORDS, 'action')).toThrow(/^action: found "x{57}…", exp/);
});
