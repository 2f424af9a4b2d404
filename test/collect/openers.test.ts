import { expect, test } from 'vitest';
import { sleep } from '../../src/base/clock.ts';
import { createOpeners } from '../../src/collect/openers.ts';
import { createDemoKernel } from '../../src/simulator/demoScene.ts';
import { createTestRetry } from '../support/testRetry.ts';

test.each([
  ['whole from the third poll on', 8192, [false, false, true, true]],
  ['never whole where a buffer is too small', 16, [false, false, false, false]],
])('the trace is %s', async (_what, traceBufferKb, expected) => {
  const kernel = createDemoKernel({ version: '7.2', seed: 1, speed: 10, scene: 'operator' });
  const [opener] = createOpeners(
    {
      ...{ ...kernel, traceBufferKb, retry: createTestRetry(), pid: 1, sysfsIntervalMs: 1000 },
      listOwnIndexes: () => new Set(),
    },
    ['trace'],
  );
  const source = opener!.open();
  const found: boolean[] = [];
  while (found.length < expected.length) {
    await sleep(100);
    const { aggregations } = await source.poll();
    found.push(aggregations.length > 0 && aggregations.every(({ isGapless }) => isGapless));
  }
  source.close();
  expect(found).toEqual(expected);
});
