import { expect, test } from 'vitest';
import { KERNELS, runGuest } from './harness.ts';

test.each(KERNELS)('%s boots with DAMON, tracefs and a workload that runs', async (kernel) => {
  const { reports } = await runGuest({ kernel, job: 'smoke', timeoutSeconds: 400 });
  expect(reports).toEqual([
    {
      release: expect.stringContaining(`${kernel}.`) as string,
      hasDamon: true,
      hasTracefs: true,
      workload: expect.stringMatching(/^ready [0-9a-f]+ [0-9a-f]+\n$/) as string,
    },
  ]);
});
