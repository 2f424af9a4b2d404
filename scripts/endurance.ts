import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseArgs } from 'node:util';
import { judgeEndurance, runEndurance } from '../test/endurance/runEndurance.ts';

/**
 * Lets hours of a simulated kernel pass as quickly as they can: `npm run endurance -- --hours 24`.
 * Status 1 when a counter is not what the kernel counted, or memory grew.
 */
const { values } = parseArgs({
  options: {
    hours: { type: 'string', default: '24' },
    kernel: { type: 'string', default: '7.2' },
  },
});
setFlagsFromString('--expose-gc');
const outcome = await runEndurance({
  version: values.kernel,
  seconds: Number(values.hours) * 3600,
  lookSeconds: 3600,
  collectGarbage: runInNewContext('gc') as () => void,
  onLook: (seconds, heapBytes) => {
    process.stdout.write(`hour ${seconds / 3600}: ${(heapBytes / 2 ** 20).toFixed(2)} MiB\n`);
  },
});
for (const { what, told, truth } of outcome.comparisons) {
  process.stdout.write(`${what}: told ${String(told)}, in truth ${truth}\n`);
}
process.stdout.write(
  `record: ${outcome.recordBytes} bytes, ${outcome.nrRecorded} snapshots, ${outcome.nrGaps} gaps\n`,
);
const problems = judgeEndurance(outcome);
for (const problem of problems) process.stdout.write(`PROBLEM: ${problem}\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
