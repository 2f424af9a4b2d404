import { expect, test } from 'vitest';
import type { DamonConfig } from '../../src/config/config.ts';
import type { Keeper } from '../../src/reconcile/keeper.ts';
import {
  DATABASE,
  createTestKeeper,
  makeKeptConfig,
  makeKeptKdamond,
  spawnNamed,
} from '../support/keeper.ts';
import { read } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';

const anon = { filters: [{ type: 'anon', isMatching: true, isAllowing: true }] };
const makeProbed = (...names: readonly string[]): DamonConfig => {
  const { context, ...rest } = makeKeptKdamond([DATABASE]);
  const probes = names.map((name) => ({ name, ...anon }));
  return makeKeptConfig({ kdamonds: [{ ...rest, context: { ...context, probes } }] });
};
const listNames = (keeper: Keeper): unknown => keeper.list()[0]?.probes.map(({ name }) => name);

test('probes come and go by commits, and are no drift whatever they are called', async () => {
  const { kernel, keeper, before } = createTestKeeper(makeProbed('one'));
  spawnNamed(kernel);
  await keeper.start();
  expect(listNames(keeper)).toEqual(['one']);
  expect(await keeper.reload(makeProbed('one', 'two'))).toEqual(['committed']);
  expect(read(kernel, 'contexts/0/monitoring_attrs/probes/nr_probes')).toBe('2');
  expect(await keeper.reload(makeProbed('new', 'two'))).toEqual(['unchanged']);
  await keeper.look();
  expect(keeper.list()).toMatchObject([{ drift: [], problem: undefined }]);
  expect(listNames(keeper)).toEqual(['new', 'two']);
  await keeper.end();
  expect(readDamonTree(kernel.fs)).toEqual(before);
});
