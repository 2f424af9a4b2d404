import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatDamoKdamonds } from '../../../src/config/damo/formatDamoKdamonds.ts';
import { parseDamoKdamonds } from '../../../src/config/damo/parseDamoKdamonds.ts';
import { arbitraryDamoKdamond } from '../../support/arbitraryDamoSpec.ts';
import { arbitraryKdamondSpec } from '../../support/arbitrarySpec.ts';

test.each([
  ['in words for people', false],
  ['in plain digits', true],
])('what is written %s is read back as the same spec', (_form, isRaw) => {
  fc.assert(
    fc.property(fc.array(arbitraryDamoKdamond, { maxLength: 2 }), (specs) => {
      expect(parseDamoKdamonds(formatDamoKdamonds(specs, isRaw), 'it')).toEqual(specs);
    }),
    { numRuns: 150 },
  );
});

test('what is read is written in one way only', () => {
  fc.assert(
    fc.property(arbitraryDamoKdamond, (spec) => {
      const text = formatDamoKdamonds([spec]);
      const fromRaw = parseDamoKdamonds(formatDamoKdamonds([spec], true), 'it');
      expect(formatDamoKdamonds(fromRaw)).toBe(text);
    }),
    { numRuns: 100 },
  );
});

test('a spec of a kernel, which says its defaults too, is written as JSON', () => {
  fc.assert(
    fc.property(fc.constantFrom('6.12', '7.2').chain(arbitraryKdamondSpec), (spec) => {
      const { kdamonds } = JSON.parse(formatDamoKdamonds([spec])) as {
        kdamonds: { contexts: { schemes: { filters: unknown[] }[] }[] }[];
      };
      const schemes = spec.contexts.flatMap((context) => context.schemes);
      const written = kdamonds.flatMap(({ contexts }) => contexts.flatMap((one) => one.schemes));
      expect(written.map(({ filters }) => filters.length)).toEqual(
        schemes.map(
          ({ filters = [], coreFilters = [], opsFilters = [] }) =>
            filters.length + coreFilters.length + opsFilters.length,
        ),
      );
    }),
    { numRuns: 50 },
  );
});
