import { describe, expect, test } from 'vitest';
import { encodePages } from '../../support/tracePages.ts';
import type { PageItem, RegionEvent } from '../../support/tracePages.ts';
import { encodedLayouts, parsePages, toRegionEvents } from '../../support/traceParsing.ts';

const REGION: RegionEvent = {
  timeNs: 1_000_000_000n,
  pid: 321,
  targetId: 0xffff_8880_1234_5678n,
  nrRegions: 2,
  start: 0x00ff_ffff_ffff_f000n,
  end: 0xffff_ffff_ffff_f000n,
  nrAccesses: 20,
  age: 0xffff_ffff,
};

function region(part: Partial<RegionEvent> & { isLong?: boolean } = {}): PageItem {
  return { kind: 'region', ...REGION, ...part };
}

function timesOf(items: readonly PageItem[]): bigint[] {
  const events = parsePages(encodePages(items), encodedLayouts());
  expect(events.malformedPages).toBe(0);
  return toRegionEvents(events).map(({ timeNs }) => timeNs);
}

/** Writes into the first page and parses it. */
function parseChanged(
  items: readonly PageItem[],
  change: (view: DataView) => void,
): ReturnType<typeof parsePages> {
  const [page] = encodePages(items);
  change(new DataView(page!.buffer));
  return parsePages([page!], encodedLayouts());
}

describe('a raw page', () => {
  test('gives every field exactly, also beyond 2^53', () => {
    expect(toRegionEvents(parsePages(encodePages([region()]), encodedLayouts()))).toEqual([REGION]);
  });

  test('gives an event whose length stands in a word of its own', () => {
    const events = parsePages(encodePages([region({ isLong: true })]), encodedLayouts());
    expect(toRegionEvents(events)).toEqual([REGION]);
  });

  test('carries the low half of the time over', () => {
    const times = [0x1_ffff_fff0n, 0x2_0000_0010n, 0x2_0000_0020n];
    expect(timesOf(times.map((timeNs) => region({ timeNs })))).toEqual(times);
  });

  test('adds time extends of up to 59 bits', () => {
    const times = [5n, 5n + (1n << 27n), 5n + (1n << 58n)];
    expect(timesOf(times.map((timeNs) => region({ timeNs })))).toEqual(times);
  });

  test('completes absolute time stamps with the upper bits of the page', () => {
    const begin = (3n << 59n) + 77n;
    const timeNs = begin + 1_000_000_000_000n;
    const times = timesOf([
      region({ timeNs: begin }),
      { kind: 'absolute', timeNs },
      region({ timeNs }),
    ]);
    expect(times).toEqual([begin, timeNs]);
  });

  test('counts on when an absolute time stamp passed 2^59', () => {
    const begin = (2n << 59n) - 10n;
    const timeNs = (2n << 59n) + 10n;
    const times = timesOf([
      region({ timeNs: begin }),
      { kind: 'absolute', timeNs },
      region({ timeNs }),
    ]);
    expect(times).toEqual([begin, timeNs]);
  });

  test('passes over unknown and discarded events, whose time counts', () => {
    const times = timesOf([
      { kind: 'unknown', timeNs: 10n, payloadBytes: 20 },
      { kind: 'discarded', timeNs: 40n, payloadBytes: 52 },
      { kind: 'unknown', timeNs: 50n, payloadBytes: 400 },
      region({ timeNs: 60n }),
    ]);
    expect(times).toEqual([60n]);
  });

  test('collects tuned sampling intervals', () => {
    const items: PageItem[] = [{ kind: 'tune', timeNs: 9n, pid: 4, sampleUs: 57_000n }];
    expect(parsePages(encodePages(items), encodedLayouts()).tunedIntervals).toEqual([
      { kdamondPid: 4, timeNs: 9n, sampleIntervalUs: 57_000 },
    ]);
  });

  test('tells the number of events lost before it', () => {
    const events = parsePages(encodePages([region()], { lost: 468 }), encodedLayouts());
    expect(events).toMatchObject({
      lostEvents: 468,
      unnumberedLosses: 0,
      lossIndexes: [0],
      count: 1,
    });
  });

  test('tells of a loss without a number when the number did not fit', () => {
    const events = parsePages(encodePages([region()], { lost: 'unknown' }), encodedLayouts());
    expect(events).toMatchObject({
      lostEvents: 0,
      unnumberedLosses: 1,
      lossIndexes: [0],
      count: 1,
    });
  });

  test('may be of any size', () => {
    const items = Array.from({ length: 700 }, (_, at) => region({ timeNs: BigInt(at * 1000) }));
    for (const pageBytes of [4096, 8192, 65536]) {
      const pages = encodePages(items, { pageBytes });
      expect(parsePages(pages, encodedLayouts(pageBytes)).count).toBe(700);
    }
  });
});

describe('a damaged page', () => {
  const two = [region(), region({ timeNs: 2_000_000_000n })];

  test.each<[string, (view: DataView) => void, number]>([
    [
      'a length word of 0',
      (view) => {
        view.setUint32(16, 0, true);
        view.setUint32(20, 0, true);
      },
      0,
    ],
    [
      'a length word of 2^32 - 4',
      (view) => {
        view.setUint32(16, 0, true);
        view.setUint32(20, 0xffff_fffc, true);
      },
      0,
    ],
    [
      'an unaligned length',
      (view) => {
        view.setUint32(16, 0, true);
        view.setUint32(20, 6, true);
      },
      0,
    ],
    [
      'an event that ends behind the data',
      (view) => {
        view.setUint32(76, 28, true);
      },
      1,
    ],
    [
      'a commit length beyond the page',
      (view) => {
        view.setUint32(8, 0xf_ffff, true);
      },
      2,
    ],
    [
      'a commit length within an event',
      (view) => {
        view.setUint32(8, 80, true);
      },
      1,
    ],
    [
      'an unaligned commit length',
      (view) => {
        view.setUint32(8, 53, true);
      },
      1,
    ],
  ])('with %s ends there, counted and as a loss', (_, change, nrLeft) => {
    const events = parseChanged(two, change);
    expect(events.count).toBe(nrLeft);
    expect(events.malformedPages).toBe(1);
    expect(events.unnumberedLosses).toBe(1);
    expect(events.lossIndexes).toEqual([nrLeft]);
  });

  test('shorter than its head is counted', () => {
    expect(parsePages([new Uint8Array(10)], encodedLayouts())).toMatchObject({
      count: 0,
      malformedPages: 1,
    });
  });
});

describe('hits of probes', () => {
  const hits = [20, 0, 255];
  const probed = (part: Partial<RegionEvent> = {}, told: readonly number[] = hits): PageItem => ({
    kind: 'probed',
    ...REGION,
    ...part,
    hits: told,
  });
  const hitsOf = (items: readonly PageItem[]): number[][] => {
    const { probes, count, malformedPages } = parsePages(encodePages(items), encodedLayouts());
    expect(malformedPages).toBe(0);
    return Array.from({ length: count }, (_, at) => [
      ...(probes?.hits.subarray(4 * at, 4 * at + (probes.counts[at] ?? 0)) ?? []),
    ]);
  };

  test('belong to the region before them', () => {
    const other = { start: REGION.end, end: REGION.end + 4096n };
    expect(hitsOf([region(), probed(), region(other), probed(other, [7, 8, 9])])).toEqual([
      hits,
      [7, 8, 9],
    ]);
  });

  test('may stand on the next page', () => {
    expect(hitsOf([region(), { kind: 'newPage' }, probed()])).toEqual([hits]);
  });

  test.each<[string, Partial<RegionEvent>]>([
    ['kernel thread', { pid: 322 }],
    ['target', { targetId: 5n }],
    ['region', { start: 4096n }],
  ])('of another %s are left out', (_what, part) => {
    expect(hitsOf([region(), probed(part)])).toEqual([[]]);
  });

  test('of a region that was lost are left out', () => {
    expect(hitsOf([probed(), region()])).toEqual([[]]);
  });

  test('are those of the four probes a kernel can have', () => {
    expect(hitsOf([region(), probed({}, [1, 2, 3, 4, 5, 6])])).toEqual([[1, 2, 3, 4]]);
  });

  test('that lie beyond their event are not believed', () => {
    const events = parseChanged([region(), probed()], (view) => {
      // The word of offset and length: behind the first event (4 + 48 bytes) and the second's head.
      view.setUint32(16 + 52 + 4 + 44, (3 << 16) | 200, true);
    });
    expect([events.count, events.probes]).toEqual([1, undefined]);
  });
});
