import { parseArgs } from 'node:util';
import { parseTime } from '../src/base/units.ts';
import { describeSample, judgeSoak } from '../test/e2e/soak/judgeSoak.ts';
import { runSoak } from '../test/e2e/soak/runSoak.ts';

/** As long as somebody likes: `npm run soak -- --duration 8h`. A line a minute; status 1 when something is wrong. */
const { values } = parseArgs({ options: { duration: { type: 'string', default: '1h' } } });
const seconds = Number(parseTime(values.duration, 'ms', '--duration')) / 1000;
let nextSeconds = 0;
const outcome = await runSoak({
  seconds,
  warmUpSeconds: Math.min(seconds / 4, 300),
  onSample: (sample, { statuses, nrHangUps }) => {
    if (sample.seconds < nextSeconds) return;
    nextSeconds = sample.seconds + 60;
    const answers = [...statuses].map(([status, nr]) => `${nr} x ${status}`).join(', ');
    process.stdout.write(`${describeSample(sample)}, answers ${answers}, ${nrHangUps} hung up\n`);
  },
});
const problems = judgeSoak(outcome);
process.stdout.write(`${describeSample(outcome.after)}, all clients gone\n`);
for (const problem of problems) process.stdout.write(`PROBLEM: ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
