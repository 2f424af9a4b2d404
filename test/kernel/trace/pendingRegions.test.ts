import { expect, test } from 'vitest';
import { planSnapshot } from '../../support/traceEvents.ts';
import { encodePages } from '../../support/tracePages.ts';
import type { PageItem, RegionEvent } from '../../support/tracePages.ts';
import { assemble, encodedLayouts, parsePages } from '../../support/traceParsing.ts';

const PLAN = planSnapshot({ beginNs: 5000n, nrRegions: 40 });

function hitsOf({ age }: RegionEvent): number[] {
  return [age, 40 - age];
}

/** Hits of a snapshot whose regions come on two CPUs, from `cut` on on the second one. */
function assembleHits(
  cut: number,
  tell: (event: RegionEvent) => readonly number[] | undefined,
): (readonly number[])[] | undefined {
  const toItems = (event: RegionEvent): PageItem[] => {
    const hits = tell(event);
    const region: PageItem = { kind: 'region', ...event };
    if (hits === undefined) return [region];
    return [region, { kind: 'probed', ...event, timeNs: event.timeNs + 1n, hits }];
  };
  const cpus = [PLAN.slice(0, cut), PLAN.slice(cut)].map((events) =>
    parsePages(encodePages(events.flatMap(toItems)), encodedLayouts()),
  );
  const { snapshots } = assemble(cpus);
  expect(snapshots.map(({ regions }) => regions.count)).toEqual([40]);
  return snapshots[0]?.regions.probeHits?.map((column) => [...column]);
}

test.each([0, 1, 17, 39])('hits are joined where a snapshot is cut after %d regions', (cut) => {
  expect(assembleHits(cut, hitsOf)).toEqual([
    PLAN.map(({ age }) => age),
    PLAN.map(({ age }) => 40 - age),
  ]);
});

test.each([0, 17])('a snapshot has no hits where those of one region are missing', (cut) => {
  for (const missing of [0, 16, 17, 39]) {
    const tell = (event: RegionEvent): number[] | undefined =>
      event.age === missing ? undefined : hitsOf(event);
    expect(assembleHits(cut, tell)).toBeUndefined();
  }
});

test('a snapshot has no hits where the number of probes has changed within it', () => {
  expect(assembleHits(17, (event) => hitsOf(event).slice(event.age < 17 ? 0 : 1))).toBeUndefined();
});
