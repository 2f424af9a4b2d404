import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createEventParser } from '../../src/page/eventParser.ts';

function parse(chunks: readonly string[]): [string, string][] {
  const events: [string, string][] = [];
  const take = createEventParser((name, data) => events.push([name, data]));
  for (const chunk of chunks) take(chunk);
  return events;
}

const STREAM =
  'event: a\ndata: {"x":1}\n\n: still here\n\nevent: b\ndata: two\nid: 7\n\ndata: none\n\n';

test('events are told by name, comments and others let pass', () => {
  expect(parse([STREAM])).toEqual([
    ['a', '{"x":1}'],
    ['b', 'two'],
  ]);
});

test('it does not matter where a stream was cut', () => {
  const cuts = fc.array(fc.nat({ max: STREAM.length }), { maxLength: 6 });
  fc.assert(
    fc.property(cuts, (places) => {
      const edges = [0, ...places.toSorted((left, right) => left - right), STREAM.length];
      const chunks = edges.slice(1).map((end, index) => STREAM.slice(edges[index], end));
      expect(parse(chunks)).toEqual(parse([STREAM]));
    }),
    { numRuns: 50 },
  );
});

test('an event that is not whole is not told', () => {
  expect(parse(['event: a\ndata: {"x":'])).toEqual([]);
});
