import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { judgeEndurance, runEndurance } from '../endurance/runEndurance.ts';

/** `npm run endurance` has a whole day of it. */
test.each(['6.12', '7.2'])(
  'an hour of Linux %s: every counter is what the kernel counted, memory stays flat',
  async (version) => {
    setFlagsFromString('--expose-gc');
    const outcome = await runEndurance({
      version,
      seconds: 3600,
      lookSeconds: 600,
      collectGarbage: runInNewContext('gc') as () => void,
    });
    expect(judgeEndurance(outcome)).toEqual([]);
    expect(outcome.heapBytes).toHaveLength(6);
    expect(outcome.nrRecorded).toBeGreaterThan(1_000);
  },
  600_000,
);
