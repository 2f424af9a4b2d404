import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { KdamondSpec, SchemeSpec } from '../../src/damon/spec.ts';
import { planKdamonds } from '../../src/reconcile/planKdamonds.ts';
import type { KdamondPlan } from '../../src/reconcile/planKdamonds.ts';
import { startWithSpec } from '../../src/reconcile/runningKdamond.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { arbitraryKdamondSpec } from '../support/arbitrarySpec.ts';
import {
  createOwnershipDeps as createDeps,
  createOwnershipKernel as createKernel,
  makeOwnSpec,
  startOwn,
} from '../support/ownership.ts';
import { KDAMOND, createTestKernel, read } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';
import { createTestRetry } from '../support/testRetry.ts';

const VERSIONS = ['6.12', '7.2'] as const;

function withSchemes(spec: KdamondSpec, schemes: readonly SchemeSpec[]): KdamondSpec {
  return { contexts: spec.contexts.map((context) => ({ ...context, schemes })) };
}

/** Does what a plan says, but for the state. */
function doWrites({ fs }: SimulatedKernel, { writes }: KdamondPlan): void {
  for (const { path, value, before } of writes) {
    if (path.endsWith('/state')) continue;
    expect([path, fs.readText(path).replace(/\n$/, '')]).toEqual([path, before ?? '']);
    fs.writeText(path, value);
  }
}

describe.each(VERSIONS)('a plan on %s', (version) => {
  /** 6.12 is refused what it would not do: counting by filters, migrating from processes. */
  const toKnownActions = (spec: KdamondSpec): KdamondSpec => {
    if (version !== '6.12') return spec;
    const pageout = (scheme: SchemeSpec): SchemeSpec => ({ ...scheme, action: 'pageout' });
    return {
      ...spec,
      contexts: spec.contexts.map((context) => ({
        ...context,
        schemes: context.schemes.map(pageout),
      })),
    };
  };

  test('of a start has just the writes that make an empty directory what it is then', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryKdamondSpec(version).map(toKnownActions), async (spec) => {
        const [planned, staged, scratch] = [1, 2, 3].map(() => createTestKernel({ version }));
        const retry = createTestRetry();
        for (const { fs } of [planned!, staged!]) {
          fs.writeText('sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds', '1');
        }
        const plan = await planKdamonds({ fs: planned!.fs, retry }, [spec], {
          running: [],
          scratch: scratch!.fs,
        });
        doWrites(planned!, plan.kdamonds[0]!);
        // What cannot run is staged all the same.
        await startWithSpec({ fs: staged!.fs, retry }, 0, spec).catch(() => undefined);
        expect(readDamonTree(planned!.fs)).toEqual(readDamonTree(staged!.fs));
      }),
      { numRuns: 12 },
    );
  });

  test('changes nothing, neither of a start nor of a change', async () => {
    const kernel = createKernel({ version });
    const owned = await startOwn(kernel, createDeps(kernel));
    const before = readDamonTree(kernel.fs);
    const spec = withSchemes(makeOwnSpec(kernel), [CATCH_ALL_STAT, CATCH_ALL_STAT]);
    await planKdamonds(createDeps(kernel), [spec], {
      running: owned.list(),
      scratch: createTestKernel({ version }).fs,
    });
    expect(readDamonTree(kernel.fs)).toEqual(before);
  });

  test('of a change names how it comes about, and what is there', async () => {
    const kernel = createKernel({ version });
    const owned = await startOwn(kernel, createDeps(kernel));
    const plan = async (spec: KdamondSpec | undefined): Promise<KdamondPlan> => {
      const options = { running: owned.list(), scratch: createTestKernel({ version }).fs };
      const { directories, kdamonds } = await planKdamonds(createDeps(kernel), [spec], options);
      expect(directories).toEqual([]);
      return kdamonds[0]!;
    };
    const spec = makeOwnSpec(kernel);
    expect(await plan(spec)).toEqual({ index: 0, manner: 'unchanged', writes: [] });
    const limited = { ...CATCH_ALL_STAT.quotas, sizeBytes: 4096n };
    const changed = await plan(withSchemes(spec, [{ ...CATCH_ALL_STAT, quotas: limited }]));
    expect(changed.manner).toBe('commit');
    expect(
      changed.writes.map(({ path, before, value }) => [
        path.slice(KDAMOND.length + 1),
        before,
        value,
      ]),
    ).toEqual([
      ['contexts/0/schemes/0/quotas/bytes', '0', '4096'],
      ['state', 'on', 'commit'],
    ]);
    const [context] = spec.contexts;
    const physical = { ...context!, operations: 'paddr' as const, targets: [{ regions: [] }] };
    const restarted = await plan({ contexts: [physical] });
    expect(restarted.manner).toBe('restart');
    expect(restarted.writes.at(0)).toMatchObject({ before: 'on', value: 'off' });
    expect(restarted.writes.at(-1)).toMatchObject({ before: 'off', value: 'on' });
    expect((await plan(undefined)).manner).toBe('stop');
  });

  test('says where all counters would begin anew', async () => {
    const kernel = createKernel({ version });
    const spec = makeOwnSpec(kernel);
    const [one, two] = ['one', 'two'].map((name) => ({ ...CATCH_ALL_STAT, name }));
    const owned = await startOwn(kernel, createDeps(kernel), {
      spec: withSchemes(spec, [one!, two!]),
    });
    const { kdamonds } = await planKdamonds(createDeps(kernel), [withSchemes(spec, [two!, one!])], {
      running: owned.list(),
      scratch: createTestKernel({ version }).fs,
    });
    expect(kdamonds[0]).toMatchObject({
      manner: 'commit',
      writes: [{ value: '0', before: '2' }, { value: 'commit' }, { value: 'commit' }],
    });
    expect(read(kernel, 'contexts/0/schemes/nr_schemes')).toBe('2');
  });
});

test('what the kernel lacks is told, with the kernel that has it', async () => {
  const kernel = createKernel({ version: '6.12' });
  const spec = makeOwnSpec(kernel);
  const goal = { accessBp: 400, aggrs: 3, minSampleIntervalUs: 5000, maxSampleIntervalUs: 10_000 };
  const contexts = spec.contexts.map((one) => ({ ...one, intervals: { ...one.intervals, goal } }));
  await expect(
    planKdamonds(createDeps(kernel), [{ contexts }], {
      running: [],
      scratch: createTestKernel({ version: '6.12' }).fs,
    }),
  ).rejects.toThrow(/this kernel lacks .*\(Linux 6\.15\)/);
});
