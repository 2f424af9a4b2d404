import { describe, expect, test } from 'vitest';
import { computeHeatMatrix } from '../../../src/report/heatmap/computeHeat.ts';
import { findHotterRange } from '../../../src/report/heatmap/hotterRange.ts';
import { createMemoryReader, makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';

const MS = 1_000_000n;

/** A gap of 4 MiB with so many accesses, mappings of 1 MiB with others. */
function makeRecord(gapAccesses: number, mappedAccesses: number) {
  const stream = makeStream({ targetId: '0' });
  return [0n, 1n].map((nth) =>
    makeSnapshot(
      stream,
      [nth * 100n * MS, (nth + 1n) * 100n * MS],
      [
        [0x40_0000n, 0x80_0000n, gapAccesses],
        [0x1000_0000n, 0x1008_0000n, mappedAccesses],
        [0x1008_0000n, 0x1010_0000n, mappedAccesses],
      ],
    ),
  );
}

async function find(gapAccesses: number, mappedAccesses: number) {
  const reader = createMemoryReader(makeRecord(gapAccesses, mappedAccesses));
  const request = {
    ...{ streams: {}, time: undefined, address: undefined, options: {} },
    resolution: { nrTimes: 2, nrAddresses: 2 },
  };
  const matrix = await computeHeatMatrix(reader, request);
  return findHotterRange(reader, {}, matrix!);
}

describe('beside the biggest range', () => {
  test('the one with most accesses is found', async () => {
    expect(await find(1, 12)).toEqual({
      range: { startAddr: 0x1000_0000n, endAddr: 0x1010_0000n },
      share: 0.75,
      shownShare: 0.25,
    });
  });

  test.each([
    ['the biggest has the most', 4, 15],
    ['there is something to see in the biggest', 10, 20],
    ['nothing was accessed', 0, 0],
  ])('none is when %s', async (_what, gapAccesses, mappedAccesses) => {
    expect(await find(gapAccesses, mappedAccesses)).toBeUndefined();
  });
});
