import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CATCH_ALL_STAT } from '../../src/damon/spec.ts';
import type { FilterSpec } from '../../src/damon/spec.ts';
import { placeTargetFilters } from '../../src/reconcile/targetFilters.ts';
import type { TargetPlaces } from '../../src/reconcile/targetFilters.ts';
import {
  createTestKeeper,
  makeKeptConfig,
  makeKeptKdamond,
  spawnNamed,
} from '../support/keeper.ts';
import { read } from '../support/simulation.ts';

function place(
  filters: readonly FilterSpec[],
  places: TargetPlaces,
  nrTargets: number,
): readonly FilterSpec[] {
  const scheme = { ...CATCH_ALL_STAT, filters };
  return placeTargetFilters(scheme, places, nrTargets).filters ?? [];
}

function target(targetIndex: number, isMatching = true, isAllowing = false): FilterSpec {
  return { type: 'target', targetIndex, isMatching, isAllowing };
}

/** As the kernel judges: the first that speaks of it decides, else the opposite of the last one. */
function isLeft(filters: readonly FilterSpec[], isOf: (filter: FilterSpec) => boolean): boolean {
  const speaking = filters.find((filter) => isOf(filter) === filter.isMatching);
  if (speaking !== undefined) return speaking.isAllowing === true;
  return filters.at(-1)?.isAllowing !== true;
}

describe('a filter by target', () => {
  test.each<[string, TargetPlaces, FilterSpec, FilterSpec[]]>([
    ['is about the place of its process', [[1], [0]], target(0), [target(1)]],
    ['is about no target while it waits', [[], [0]], target(0), [target(2)]],
    ['is about all of several processes', [[0, 1], []], target(0), [target(0), target(1)]],
    ['of all others keeps its sense', [[1], [0]], target(0, false), [target(1, false)]],
    [
      'of all others names those where it has several',
      [[0], [1, 2]],
      target(1, false),
      [target(0)],
    ],
    [
      'of all others is about nothing where there are none',
      [[0, 1]],
      target(0, false),
      [target(2)],
    ],
  ])('%s', (_title, places, filter, expected) => {
    const nrTargets = Math.max(2, places.flat().length);
    expect(place([filter], places, nrTargets)).toEqual(expected);
  });

  test('decides about every process as it does about the configured target of that', () => {
    const filter = fc
      .tuple(fc.nat(3), fc.boolean(), fc.boolean())
      .map(([index, isMatching, isAllowing]) => target(index, isMatching, isAllowing));
    // Which configured target each process of the kernel's list is of.
    const owners = fc.array(fc.nat(3), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(filter, { maxLength: 4 }), owners, (filters, ownerOf) => {
        const places = [0, 1, 2, 3].map((index) =>
          ownerOf.flatMap((owner, at) => (owner === index ? [at] : [])),
        );
        const placed = place(filters, places, ownerOf.length);
        expect(placed.length === 0).toBe(filters.length === 0);
        for (const [at, owner] of ownerOf.entries()) {
          const meant = isLeft(filters, ({ targetIndex }) => targetIndex === owner);
          expect(isLeft(placed, ({ targetIndex }) => targetIndex === at)).toBe(meant);
        }
      }),
    );
  });

  test('leaves filters of other types alone', () => {
    const anon = { type: 'anon', isMatching: true, isAllowing: false };
    expect(place([anon, target(0)], [[3]], 4)).toEqual([anon, target(3)]);
  });
});

test('filters follow their targets while processes come and go', async () => {
  const names = ['web', 'database'] as const;
  const kdamond = makeKeptKdamond(names.map((name) => ({ kind: 'process', name })));
  const schemes = [
    { ...CATCH_ALL_STAT, name: 'of-database', filters: [target(1, false)] },
    { ...CATCH_ALL_STAT, name: 'observe' },
  ];
  const config = makeKeptConfig({ kdamonds: [{ ...kdamond, schemes }] });
  const { kernel, keeper } = createTestKeeper(config);
  const readIndex = (): string =>
    read(kernel, 'contexts/0/schemes/0/core_filters/0/damon_target_idx');
  const database = spawnNamed(kernel, 'database');
  await keeper.start();
  expect(readIndex()).toBe('0');
  const web = spawnNamed(kernel, 'web');
  await keeper.look();
  expect(readIndex()).toBe('0');
  kernel.kill(database);
  await keeper.look();
  // Nobody: so the scheme is about nothing, and not about what has moved to that place.
  expect(readIndex()).toBe('1');
  spawnNamed(kernel, 'database');
  await keeper.look();
  expect(readIndex()).toBe('1');
  kernel.kill(web);
  await keeper.look();
  expect(readIndex()).toBe('0');
  expect(keeper.list()).toMatchObject([{ drift: [], problem: undefined }]);
});
