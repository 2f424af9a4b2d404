import { expect, test } from 'vitest';
import { describeSample, judgeSoak } from './soak/judgeSoak.ts';
import { runSoak } from './soak/runSoak.ts';

test('40 scrapers, slow and rude clients and live pages: sampling goes on, memory stays flat', async () => {
  const outcome = await runSoak({ seconds: 40, warmUpSeconds: 10 });
  process.stdout.write(`before: ${describeSample(outcome.before)}\n`);
  process.stdout.write(`after: ${describeSample(outcome.after)}\n`);
  expect(judgeSoak(outcome)).toEqual([]);
});
