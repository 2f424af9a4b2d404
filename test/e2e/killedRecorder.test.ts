import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import { expectNothingLost } from '../support/killRecorder.ts';

const NR_KILLS = 1000;
const NR_AT_A_TIME = 4;

test(`a recorder that is killed at ${NR_KILLS} random moments never loses what it said was written`, async () => {
  const random = createRandom(20_261_123);
  const writerModule = resolve('dist/record/own/recordFileWriter.js');
  let nrKilled = 0;
  let nrTorn = 0;
  const killMany = async () => {
    while (nrKilled < NR_KILLS) {
      const seed = nrKilled;
      nrKilled += 1;
      const delayMs = random.below(40);
      nrTorn += await expectNothingLost({ nrFiles: 2, seed, delayMs, writerModule });
    }
  };
  await Promise.all(Array.from({ length: NR_AT_A_TIME }, killMany));
  // Else the moments were not random: some must have been in the middle of a write.
  process.stdout.write(`${nrKilled} kills, ${nrTorn} files cut off within a block\n`);
  expect(nrKilled).toBe(NR_KILLS);
}, 900_000);
