import assert from 'node:assert/strict';
import { readSystemRam } from '../../../src/kernel/memory.ts';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import { command, CONTEXT, eventually, listNumbers, read, SCHEME, write } from '../damonFiles.ts';
import { listTriedRegions, updateTriedRegions } from '../schemeResults.ts';
import { stageKdamond, type Stage } from '../stage.ts';

/** A filter of its own for each probe, or none. */
type ProbeStage = { readonly matching: 'Y' | 'N'; readonly allow: 'Y' | 'N' } | undefined;

const PROBES: KernelPath = `${CONTEXT}/monitoring_attrs/probes`;

async function start(
  kernel: ContractKernel,
  stage: Stage,
  probes: readonly ProbeStage[],
): Promise<void> {
  stageKdamond(kernel, stage);
  write(kernel, `${PROBES}/nr_probes`, probes.length);
  for (const [index, probe] of probes.entries()) {
    if (probe === undefined) continue;
    const filters: KernelPath = `${PROBES}/${index}/filters`;
    write(kernel, `${filters}/nr_filters`, 1);
    write(kernel, `${filters}/0/type`, 'anon');
    write(kernel, `${filters}/0/matching`, probe.matching);
    write(kernel, `${filters}/0/allow`, probe.allow);
  }
  await command(kernel, 'on');
}

/** By region, and within it by probe, once there are several regions. */
async function readHits(kernel: ContractKernel): Promise<readonly (readonly number[])[]> {
  await eventually(kernel, 'regions', async () => (await updateTriedRegions(kernel)).length > 1);
  return listTriedRegions(kernel).map((region) => {
    const path: KernelPath = `${SCHEME}/tried_regions/${region}/probes`;
    return listNumbers(kernel, path).map((probe) => Number(read(kernel, `${path}/${probe}/hits`)));
  });
}

function stageMachine(kernel: ContractKernel): Stage {
  const [ram] = readSystemRam(kernel.fs).sort((a, b) =>
    Number(b.endAddr - b.startAddr - (a.endAddr - a.startAddr)),
  );
  assert.ok(ram !== undefined);
  return {
    operations: 'paddr',
    ranges: [[ram.startAddr, ram.endAddr]],
    minNrRegions: 200,
  };
}

/** What data attribute probes count. */
export const PROBE_CASES: readonly ContractCase[] = [
  {
    name: 'a probe counts samples of its kind, up to one for each',
    needs: ['probes'],
    run: async (kernel) => {
      await kernel.startProcess(16, 256);
      await start(kernel, stageMachine(kernel), [
        { matching: 'Y', allow: 'Y' },
        { matching: 'Y', allow: 'N' },
        { matching: 'N', allow: 'Y' },
        { matching: 'N', allow: 'N' },
      ]);
      await kernel.sleep(2000);
      const hits = await readHits(kernel);
      for (const [anon = NaN, other = NaN, ...opposites] of hits) {
        // A filter that does not speak of a page does the opposite of what it does with others.
        assert.deepEqual(opposites, [other, anon]);
        assert.ok(anon + other <= 20, `${anon} and ${other} of 20`);
      }
      // Where regions are joined, means are rounded down, each time anew.
      const short = hits.filter(([anon = NaN, other = NaN]) => !(anon + other >= 18));
      assert.ok(short.length <= hits.length / 10, `of 20: ${short.join(' ')}`);
      assert.ok(hits.some(([anon = 0]) => anon >= 18));
      assert.ok(hits.some(([anon = NaN]) => anon === 0));
    },
  },
  {
    name: 'a probe without filters counts all samples, in 8 bits',
    needs: ['probes'],
    run: async (kernel) => {
      const intervals = { sampleIntervalUs: 1000, aggrIntervalUs: 300_000 };
      await start(kernel, { ...stageMachine(kernel), ...intervals }, [undefined]);
      await kernel.sleep(1000);
      const hits = (await readHits(kernel)).map(([all = NaN]) => all);
      assert.ok(
        hits.every((all) => all >= 30 && all <= 300 - 256 + 1),
        `expected about 44, 300 less 256: ${[...new Set(hits)].join()}`,
      );
    },
  },
  {
    name: 'probes never hit in the memory of processes',
    needs: ['probes'],
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(16, 64);
      await start(kernel, { pids: [pid], minNrRegions: 50 }, [
        { matching: 'Y', allow: 'Y' },
        undefined,
      ]);
      await kernel.sleep(1000);
      const hits = await readHits(kernel);
      assert.deepEqual(
        hits,
        hits.map(() => [0, 0]),
      );
    },
  },
];
