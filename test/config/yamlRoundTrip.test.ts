import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stringify } from 'yaml';
import { formatDamoKdamonds } from '../../src/config/damo/formatDamoKdamonds.ts';
import { parseDamonConfig } from '../../src/config/parseDamonConfig.ts';
import { findProbesProblem } from '../../src/damon/probes.ts';
import { listFilters, listSchemeProblems } from '../../src/damon/schemeProblems.ts';
import type { KdamondSpec, SchemeSpec } from '../../src/damon/spec.ts';
import { arbitraryDamoKdamond } from '../support/arbitraryDamoSpec.ts';

interface Document {
  readonly kdamonds: { readonly contexts: { readonly schemes: object[] }[] }[];
}

/** What a configuration can say: one context, and the machine's memory once. */
function canConfigure({ contexts }: KdamondSpec): boolean {
  return (
    contexts.length === 1 &&
    contexts.every(({ operations, targets }) =>
      operations === 'paddr' ? targets.length <= 1 : targets.length > 0,
    )
  );
}

/** Without schemes and probes that would be refused: those no kernel does anything by. */
function keepSound(spec: KdamondSpec): KdamondSpec {
  return {
    ...spec,
    contexts: spec.contexts.map((context) => {
      const nrTargets = context.operations === 'paddr' ? 1 : context.targets.length;
      const isSound = (scheme: SchemeSpec): boolean =>
        listSchemeProblems(scheme, context).length === 0 &&
        listFilters(scheme).every(({ targetIndex = 0 }) => targetIndex < nrTargets);
      const { probes, ...rest } = context;
      const areProbesSound = findProbesProblem(context) === undefined;
      return {
        ...rest,
        ...(probes && areProbesSound && { probes }),
        schemes: context.schemes.filter(isSound),
      };
    }),
  };
}

test('kdamonds written as YAML are read as the same', () => {
  fc.assert(
    fc.property(arbitraryDamoKdamond.filter(canConfigure).map(keepSound), (spec) => {
      const { kdamonds } = JSON.parse(formatDamoKdamonds([spec])) as Document;
      // Whether that is wise is another question.
      for (const scheme of kdamonds[0]?.contexts[0]?.schemes ?? []) {
        Object.assign(scheme, { unsafe: true });
      }
      const config = parseDamonConfig(stringify({ kdamonds }), 'it.yaml');
      const { refreshMs, context, schemes, targets } = config.kdamonds[0]!;
      const [{ targets: wantedTargets, schemes: wantedSchemes, ...told } = {}] = [
        ...spec.contexts,
      ] as Partial<KdamondSpec['contexts'][number]>[];
      const probes = told.probes?.map((probe, at) => ({ name: String(at), ...probe }));
      const wanted = { ...told, ...(probes && { probes }) };
      expect({ refreshMs, context }).toEqual({ refreshMs: spec.refreshMs, context: wanted });
      expect(schemes).toEqual(wantedSchemes?.map((one, at) => ({ name: String(at), ...one })));
      const found =
        targets.kind === 'physical'
          ? [{ regions: targets.target.regions }]
          : targets.targets.map(({ selector, regions }) => ({
              ...(selector.kind === 'pid' && { pid: selector.pid }),
              regions,
            }));
      const asked = wantedTargets?.map(({ pid, regions }) => ({
        ...(pid !== undefined && { pid }),
        regions,
      }));
      expect(found).toEqual(asked?.length === 0 ? [{ regions: [] }] : asked);
    }),
    { numRuns: 100 },
  );
});
