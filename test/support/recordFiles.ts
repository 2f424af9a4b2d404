import { expect } from 'vitest';
import type { RecordDamage, RecordedSnapshot } from '../../src/record/recording.ts';
import { openOwnRecord } from '../../src/record/own/openOwnRecord.ts';
import { createRecordFileWriter } from '../../src/record/own/recordFileWriter.ts';
import type { RecordFileOptions } from '../../src/record/own/recordFileWriter.ts';
import { nodeRecordFs } from '../../src/record/own/recordFs.ts';
import type { RecordFs } from '../../src/record/own/recordFs.ts';
import {
  generateSnapshots,
  isSame,
  makeStream,
  readAllLent,
  readAllSnapshots,
  toComparable,
} from './recordBuilders.ts';

export const CLOCK: RecordFileOptions = {
  clockBase: { recordNs: 5n, wallMs: 1_800_000_000_000.5 },
  clockId: 'ab'.repeat(16),
};

/** Makes a file with a block for each group of snapshots. */
export async function writeBlocks(
  path: string,
  groups: readonly (readonly RecordedSnapshot[])[],
  { isClosed = true, ...options }: RecordFileOptions & { readonly isClosed?: boolean } = {},
): Promise<void> {
  const writer = await createRecordFileWriter(path, { ...CLOCK, ...options });
  for (const group of groups) {
    for (const snapshot of group) await writer.write(snapshot);
    await writer.flush();
  }
  if (isClosed) await writer.close();
}

/**
 * Everything that can be read, and what was wrong.
 *
 * @throws unless the same can be lent, where that is looked at.
 */
export async function readRecord(
  path: string,
  fs: RecordFs = nodeRecordFs,
  isLentToo = true,
): Promise<{ snapshots: RecordedSnapshot[]; damages: readonly RecordDamage[] }> {
  const reader = await openOwnRecord(path, { fs });
  const snapshots = await readAllSnapshots(reader);
  const { damages } = reader;
  if (isLentToo) {
    expect(isSame(await readAllLent(reader), snapshots.map(toComparable))).toBe(true);
    expect(reader.damages).toEqual(damages);
  }
  await reader.close();
  return { snapshots, damages };
}

/** Four groups of three snapshots; group n begins at 10 n nanoseconds. */
export const GROUPS: RecordedSnapshot[][] = [0, 1, 2, 3].map((group) =>
  [
    ...generateSnapshots(makeStream(), {
      nrSnapshots: 3,
      nrRegions: 4,
      restlessness: 0.3,
      seed: group + 1,
    }),
  ].map((snapshot, index) => ({
    ...snapshot,
    startNs: BigInt(10 * group + index),
    endNs: BigInt(10 * group + index + 1),
  })),
);
/** Times of whole groups tell which blocks came through. */
export function groupsOf(snapshots: readonly RecordedSnapshot[]): number[] {
  return [...new Set(snapshots.map(({ startNs }) => Number(startNs / 10n)))];
}
