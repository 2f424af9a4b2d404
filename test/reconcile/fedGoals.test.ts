import { describe, expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { ContextSpec, KdamondSpec, SchemeSpec } from '../../src/damon/spec.ts';
import {
  createOwnershipDeps as createDeps,
  createOwnershipKernel,
  makeOwnSpec,
  startOwn,
} from '../support/ownership.ts';
import { adoptKdamonds } from '../../src/reconcile/adoptKdamonds.ts';
import { createMemoryStore } from '../support/memoryStore.ts';
import { read } from '../support/simulation.ts';

const PAGEOUT: SchemeSpec = {
  ...CATCH_ALL_STAT,
  action: 'pageout',
  quotas: { ...CATCH_ALL_STAT.quotas, sizeBytes: 1n << 20n, resetIntervalMs: 1000n },
};

function change({ contexts }: KdamondSpec, context: Partial<ContextSpec>): KdamondSpec {
  return { contexts: contexts.map((one) => ({ ...one, ...context })) };
}

test.each(['6.12', '7.2'])('what somebody feeds a goal with stays there on %s', async (version) => {
  const kernel = createOwnershipKernel({ version });
  const goal = { metric: 'user_input', targetValue: 1000n, currentValue: 100n };
  const fed = { ...PAGEOUT, quotas: { ...PAGEOUT.quotas, goals: [goal] } };
  const spec = change(makeOwnSpec(kernel), { schemes: [fed] });
  const owned = await startOwn(kernel, createDeps(kernel), { spec });
  const path = 'contexts/0/schemes/0/quotas/goals/0/current_value';
  kernel.fs.writeText(`sys/kernel/mm/damon/admin/kdamonds/0/${path}`, '5000');
  expect(await owned.change([spec])).toEqual(['unchanged']);
  const wider = change(spec, { maxNrRegions: 500n });
  expect(await owned.change([wider])).toEqual(['committed']);
  expect(read(kernel, path)).toBe('5000');
  const goals = [{ ...goal, currentValue: 7n }];
  const told = { ...fed, quotas: { ...fed.quotas, goals } };
  await owned.change([change(wider, { schemes: [told] })]);
  expect(read(kernel, path)).toBe('7');
});

describe.each(['6.12', '7.2'])('a goal of a kdamond that was left running on %s', (version) => {
  const PATH = 'contexts/0/schemes/0/quotas/goals/0/current_value';
  const makeSpec = (spec: KdamondSpec, currentValue: bigint): KdamondSpec => {
    const goal = { metric: 'user_input', targetValue: 1000n, currentValue };
    const fed = { ...PAGEOUT, quotas: { ...PAGEOUT.quotas, goals: [goal] } };
    return change(spec, { schemes: [CATCH_ALL_STAT, fed].toReversed() });
  };
  const leave = async (fedWith: string) => {
    const kernel = createOwnershipKernel({ version });
    const spec = makeSpec(makeOwnSpec(kernel), 100n);
    const store = createMemoryStore();
    const deps = createDeps(kernel, store);
    const first = await startOwn(kernel, deps, { spec });
    first.keep();
    kernel.fs.writeText(`sys/kernel/mm/damon/admin/kdamonds/0/${PATH}`, fedWith);
    // As it comes back from a file.
    store.write(JSON.parse(JSON.stringify(store.read())) as never);
    return { kernel, spec, owned: await adoptKdamonds(deps, store.read()!) };
  };

  test('keeps what it was fed with when it is told the same again', async () => {
    const { kernel, spec, owned } = await leave('5000');
    expect(await owned.change([spec])).toEqual(['unchanged']);
    expect(read(kernel, PATH)).toBe('5000');
    expect(await owned.change([change(spec, { maxNrRegions: 500n })])).toEqual(['committed']);
    expect(read(kernel, PATH)).toBe('5000');
  });

  test('takes another value that it is told', async () => {
    const { kernel, spec, owned } = await leave('5000');
    expect(await owned.change([makeSpec(spec, 7n)])).toEqual(['committed']);
    expect(read(kernel, PATH)).toBe('7');
  });
});
