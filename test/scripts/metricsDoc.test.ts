import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { formatMetricsDoc } from '../../scripts/metricsDoc/formatMetricsDoc.ts';
import { LABEL_MEANINGS } from '../../scripts/metricsDoc/labelMeanings.ts';
import { FAMILY_GROUPS } from '../../src/metrics/families.ts';
import { listUnknown } from '../support/knownMetrics.ts';

const families = FAMILY_GROUPS.flatMap((group) => group.families);

test('the committed page is what `npm run docs:metrics` writes', () => {
  expect(readFileSync('docs/metrics.md', 'utf8')).toBe(formatMetricsDoc());
});

test('every label is explained, and nothing else', () => {
  const labels = new Set(families.flatMap((family) => family.labels));
  expect(Object.keys(LABEL_MEANINGS).sort()).toEqual([...labels].sort());
});

test.each(families.map((family) => [family.name, family] as const))(
  '%s has an example that asks for it, and for nothing that does not exist',
  (name, { example }) => {
    expect(example.query).toMatch(new RegExp(`\\b${name}(?:_bucket|_sum|_count)?\\b`));
    expect(listUnknown(example.query)).toEqual([]);
    expect(example.answers).toMatch(/^[A-Z].*\.$/);
  },
);

test('what is said of absence goes on from the word', () => {
  const texts = families.flatMap(({ absent }) => (absent === undefined ? [] : [absent]));
  const opening = /^(?:before|where|while|with|without|for|until|as) .*[^.]$/;
  expect(texts.filter((text) => !opening.test(text))).toEqual([]);
});
