import { expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { ContextSpec, KdamondSpec, SchemeSpec } from '../../src/damon/spec.ts';
import {
  createOwnershipDeps as createDeps,
  createOwnershipKernel,
  makeOwnSpec,
  startOwn,
} from '../support/ownership.ts';
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
