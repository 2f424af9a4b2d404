import { describe, expect, test } from 'vitest';
import { createStatusLine, formatProgress } from '../../../src/cli/record/recordingProgress.ts';

const PROGRESS = { nrSnapshots: 12, nrRegions: 1100, wssBytes: 2n ** 25n, sizeBytes: 2048 };

test.each([
  [0n, 'recording 0 s, 12 snapshots, 1,100 regions, 2.000 KiB, working set 32.000 MiB'],
  [61_900_000_000n, 'recording 1 m 1 s, 12 snapshots, 1,100 regions'],
])('progress after %d ns', (elapsedNs, expected) => {
  expect(formatProgress({ ...PROGRESS, elapsedNs })).toContain(expected);
});

describe('the line at the bottom of a terminal', () => {
  test.each([
    [10, 19],
    [40, 39],
    [0, 79],
  ])('of %d columns shows %d letters', (columns, expected) => {
    let written = '';
    const write = (text: string): boolean => {
      written += text;
      return true;
    };
    createStatusLine({ isTTY: true, columns, write }, false).show('x'.repeat(200));
    expect(/x+/.exec(written)?.[0]).toHaveLength(expected);
  });
});
