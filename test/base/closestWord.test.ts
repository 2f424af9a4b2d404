import { expect, test } from 'vitest';
import { findClosestWord } from '../../src/base/closestWord.ts';

const WORDS = ['pageout', 'hugepage', 'nohugepage', 'cold', 'collapse', 'intervals'] as const;

test.each([
  ['pagout', 'pageout'],
  ['PAGEOUT', 'pageout'],
  ['pagoeut', 'pageout'],
  ['hugepages', 'hugepage'],
  ['interval', 'intervals'],
  ['codl', 'cold'],
  ['reclaim', undefined],
  ['', undefined],
  ['x'.repeat(1_000_000), undefined],
])('%.20s is near %s', (word, closest) => {
  expect(findClosestWord(word, WORDS)).toBe(closest);
});
