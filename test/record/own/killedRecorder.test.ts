import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createMemoryRecordFs } from '../../support/memoryRecordFs.ts';
import { expectNothingLost } from '../../support/killRecorder.ts';
import { makeNumberedSnapshot } from '../../support/numberedSnapshot.js';
import { toComparable } from '../../support/recordBuilders.ts';
import { readRecord } from '../../support/recordFiles.ts';
import { createRecordFileWriter } from '../../../src/record/own/recordFileWriter.ts';

const writerModule = fileURLToPath(
  new URL('../../../src/record/own/recordFileWriter.ts', import.meta.url),
);

// A thousand kills are in test/e2e/killedRecorder.test.ts: there, a recorder starts in a moment.
test.each([1, 2])(
  'twenty-five files of a recorder that was killed have all it said was written (%d)',
  async (seed) => {
    const nodeArguments = ['--import', 'tsx'];
    const delayMs = 37 * seed;
    await expectNothingLost({ nrFiles: 25, seed, delayMs, writerModule, nodeArguments });
  },
  30_000,
);

test('a process that ends after any number of bytes loses at most the block it was writing', async () => {
  const fs = createMemoryRecordFs();
  const writer = await createRecordFileWriter('/record', { fs, flushIntervalMs: 60_000 });
  const ends: number[] = [];
  const written: unknown[] = [];
  for (let number = 0; number < 40; number += 1) {
    const snapshot = makeNumberedSnapshot(number);
    written.push(toComparable(snapshot));
    await writer.write(snapshot);
    if (number % 4 < 3) continue;
    await writer.flush();
    ends.push(writer.sizeBytes);
  }
  await writer.close();
  const whole = fs.files.get('/record')!.bytes;
  for (let length = 0; length < whole.length; length += 11) {
    fs.files.set('/cut', { bytes: whole.subarray(0, length), modifiedMs: 0 });
    const { snapshots } = await readRecord('/cut', fs);
    const nrBlocks = ends.filter((end) => end <= length).length;
    expect(snapshots.length).toBe(4 * nrBlocks);
    expect(snapshots.map(toComparable)).toEqual(written.slice(0, snapshots.length));
  }
});
