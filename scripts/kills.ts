import { parseArgs } from 'node:util';
import { runKills } from '../test/kills/runKills.ts';

/**
 * Kills `serve` with a record and kdamonds of its own over and over: `npm run kills -- --count 1000`.
 * Stops with status 1 at the first exporter that finds, or leaves, what should not be there.
 */
const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    kernel: { type: 'string', default: '7.2' },
    seed: { type: 'string', default: '1' },
  },
});
const outcome = await runKills({
  version: values.kernel,
  seed: Number(values.seed),
  nrKills: Number(values.count),
  onKill: (nth) => {
    if (nth % 50 === 0) process.stdout.write(`${nth} killed\n`);
  },
});
process.stdout.write(`${JSON.stringify(outcome)}\n`);
