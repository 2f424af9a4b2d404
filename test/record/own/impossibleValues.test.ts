import { describe, expect, test } from 'vitest';
import { BlockEncoder } from '../../../src/record/own/blockEncoder.ts';
import { formatFileHead, parseFileHead } from '../../../src/record/own/frame.ts';
import {
  createStreamDefiner,
  createStreamInterner,
} from '../../../src/record/own/streamDefinition.ts';
import { roundTripBlock } from '../../support/blocks.ts';
import { makeRecorded, makeStream } from '../../support/recordBuilders.ts';

describe('what has no place in a record', () => {
  test.each([
    ['ends before it starts', { startNs: 5n, endNs: 4n }],
    ['ends after 292 years', { endNs: 2n ** 63n }],
    ['starts 292 years before', { startNs: -(2n ** 63n) }],
  ])('a snapshot that %s is not written', (_, times) => {
    const encoder = new BlockEncoder(createStreamDefiner());
    expect(() => {
      encoder.add(makeRecorded(makeStream(), times));
    }).toThrow(/a snapshot from -?\d+ to \d+ ns/);
    expect(encoder.nrSnapshots).toBe(0);
  });

  test.each([0, -5, NaN, Infinity])('a sampling interval of %d is one that is not known', (us) => {
    const [read] = roundTripBlock([makeRecorded(makeStream(), { sampleIntervalUs: us })]);
    expect(read!.sampleIntervalUs).toBeUndefined();
  });

  const intervals = { sampleIntervalUs: 5000, aggrIntervalUs: 100_000, updateIntervalUs: 0 };
  test.each([
    ['sampleIntervalUs', 0],
    ['aggrIntervalUs', -1],
  ])('intervals of which %s is %d are none', (name, us) => {
    const stream = makeStream({ intervals: { ...intervals, goal: undefined, [name]: us } });
    expect(roundTripBlock([makeRecorded(stream)])[0]!.stream.intervals).toBeUndefined();
  });

  test('a definition with a number beyond any is refused', () => {
    const definition = JSON.stringify({ intervals: { ...intervals, sampleIntervalUs: 7e300 } });
    const interner = createStreamInterner();
    expect(interner.intern(definition).intervals?.sampleIntervalUs).toBe(7e300);
    expect(() => interner.intern(definition.replace('7e+300', '7e+309'))).toThrow(/no number/);
  });

  test('definitions of streams without end are refused', () => {
    const interner = createStreamInterner();
    const define = (nr: number): string => JSON.stringify({ kdamond: 'k'.repeat(1 << 20), nr });
    expect(() => {
      for (let nr = 0; nr < 20; nr += 1) interner.intern(define(nr));
    }).toThrow(/more streams than any record has/);
    expect(() => interner.intern(define(0))).not.toThrow();
  });

  test.each([NaN, Infinity, 9e15])('a time of day of %d ms is one that is not known', (wallMs) => {
    const clockId = 'ab'.repeat(16);
    const head = formatFileHead({ clockBase: { recordNs: 5n, wallMs }, clockId });
    expect(parseFileHead(head)).toMatchObject({ clockBase: undefined, clockId });
  });
});
