import { expect, test } from 'vitest';
import { runKills } from '../kills/runKills.ts';

const NR_KILLS = 20;

test.each(['6.12', '7.2'])(
  'serve on %s, killed again and again: records stay whole, the next one cleans up',
  async (version) => {
    const outcome = await runKills({ version, seed: 2, nrKills: NR_KILLS });
    process.stdout.write(`${JSON.stringify(outcome)}\n`);
    expect(outcome.nrKills).toBe(NR_KILLS);
    expect(outcome.nrRestored).toBeGreaterThan(0);
    expect(outcome.nrSnapshots).toBeGreaterThan(0);
  },
  600_000,
);
