import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TRACE_CAPTURES, readCapturedPages } from '../../support/traceCaptures.ts';
import { encodePages } from '../../support/tracePages.ts';
import type { PageItem } from '../../support/tracePages.ts';
import {
  assemble,
  capturedLayouts,
  encodedLayouts,
  parsePages,
  toRegionEvents,
} from '../../support/traceParsing.ts';

const WORD = fc.nat(0xffff_ffff);
const UINT64 = fc.bigInt(0n, (1n << 64n) - 1n);
const DELTA = fc.oneof(
  fc.bigInt(0n, 200n),
  fc.bigInt((1n << 27n) - 2n, (1n << 27n) + 2n),
  fc.bigInt(0n, 1n << 40n),
);
const ITEM = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('region' as const),
      pid: fc.integer({ min: -1, max: 0x7fff_ffff }),
      targetId: UINT64,
      nrRegions: WORD,
      start: UINT64,
      end: UINT64,
      nrAccesses: WORD,
      age: WORD,
      isLong: fc.boolean(),
    }),
  },
  fc.record({
    kind: fc.constant('unknown' as const),
    payloadBytes: fc.integer({ min: 1, max: 60 }).map((n) => 4 * n),
  }),
  fc.record({
    kind: fc.constant('discarded' as const),
    payloadBytes: fc.integer({ min: 1, max: 28 }).map((n) => 4 * n),
  }),
  fc.constant({ kind: 'absolute' as const }),
  fc.constant({ kind: 'newPage' as const }),
);

function stamp(parts: readonly (readonly [bigint, object])[], beginNs: bigint): PageItem[] {
  let timeNs = beginNs;
  return parts.map(([delta, item]) => {
    timeNs += delta;
    return { ...item, timeNs } as PageItem;
  });
}

describe('any stream of events', () => {
  test('survives encoding to pages and parsing', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(DELTA, ITEM), { maxLength: 120 }),
        fc.bigInt(0n, 1n << 62n),
        fc.constantFrom(512, 4096, 8192),
        (parts, beginNs, pageBytes) => {
          // An encoder may write 1 where a discarded event follows at once: the kernel's own blur.
          const items = stamp(
            parts.map(([delta, item]) => [
              item.kind === 'discarded' && delta < 2n ? 2n : delta,
              item,
            ]),
            beginNs,
          );
          const events = parsePages(encodePages(items, { pageBytes }), encodedLayouts(pageBytes));
          const expected = items.flatMap((item) => {
            if (item.kind !== 'region') return [];
            const { timeNs, pid, targetId, nrRegions, start, end, nrAccesses, age } = item;
            return [{ timeNs, pid, targetId, nrRegions, start, end, nrAccesses, age }];
          });
          expect(events.malformedPages).toBe(0);
          expect(toRegionEvents(events)).toEqual(expected);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('any bytes', () => {
  const allPages = TRACE_CAPTURES.flatMap(([version, name]) =>
    readCapturedPages(version, name).flatMap((pages) => pages.map((page) => ({ version, page }))),
  );

  function checkHarmless(pages: readonly Uint8Array[], version: '6.12' | '7.2'): void {
    const events = parsePages(pages, capturedLayouts(version));
    const nrBytes = pages.reduce((sum, { length }) => sum + length, 0);
    expect(events.count).toBeLessThanOrEqual(nrBytes / 52);
    for (const { regions } of assemble([events]).snapshots) {
      expect(regions.count).toBeGreaterThan(0);
      let lastEnd = 0n;
      for (let at = 0; at < regions.count; at += 1) {
        expect(regions.startAddr[at]! >= lastEnd).toBe(true);
        expect(regions.endAddr[at]! > regions.startAddr[at]!).toBe(true);
        lastEnd = regions.endAddr[at]!;
      }
    }
  }

  test('are got over: noise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (bytes) => {
        checkHarmless([bytes], '7.2');
      }),
      { numRuns: 500 },
    );
  });

  test('are got over: noise behind a head that promises events', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 5000 }), (bytes) => {
        new DataView(bytes.buffer, bytes.byteOffset).setUint32(8, bytes.length - 16, true);
        checkHarmless([bytes], '7.2');
      }),
      { numRuns: 500 },
    );
  });

  test('are got over: captured pages with flipped bits and cut ends', () => {
    fc.assert(
      fc.property(
        fc.nat(allPages.length - 3),
        fc.array(fc.tuple(fc.nat(3 * 4096 - 1), fc.nat(7)), { maxLength: 30 }),
        fc.nat(4096),
        (first, flips, length) => {
          const picked = allPages.slice(first, first + 3);
          const pages = picked.map(({ page }) => page.slice());
          for (const [at, bit] of flips) pages[at >> 12]![at & 4095]! ^= 1 << bit;
          checkHarmless([pages[0]!, pages[1]!.slice(0, length), pages[2]!], picked[0]!.version);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
