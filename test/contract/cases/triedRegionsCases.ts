import assert from 'node:assert/strict';
import { readSystemRam } from '../../../src/kernel/memory.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import { command, eventually, hasCapability, SCHEME, tryCommand } from '../damonFiles.ts';
import {
  listTriedRegions,
  readTotalBytes,
  readTriedRegions,
  sumBytes,
  updateTriedRegions,
  type TriedRegion,
} from '../schemeResults.ts';
import { monitorProcess, stageKdamond } from '../stage.ts';

function assertAscending(regions: readonly TriedRegion[]): void {
  let end = 0n;
  for (const region of regions) {
    assert.ok(region.start >= end, `${region.start} after ${end}`);
    assert.ok(region.end > region.start);
    end = region.end;
  }
}

async function waitForRegions(kernel: ContractKernel): Promise<TriedRegion[]> {
  let regions: TriedRegion[] = [];
  await eventually(kernel, 'regions', async () => {
    regions = await updateTriedRegions(kernel);
    return regions.length > 1;
  });
  return regions;
}

function computeMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}

export const TRIED_REGIONS_CASES: readonly ContractCase[] = [
  {
    name: 'regions ascend without overlap and total_bytes is their sum',
    run: async (kernel) => {
      await monitorProcess(kernel, { minNrRegions: 50, maxNrRegions: 100 });
      for (let round = 0; round < 5; round += 1) {
        const regions = await waitForRegions(kernel);
        assertAscending(regions);
        assert.equal(readTotalBytes(kernel), sumBytes(regions));
        assert.ok(regions.length <= 100, `${regions.length} regions, at most 100 wanted`);
        // A sampling interval that comes late still counts.
        assert.ok(regions.every(({ nrAccesses }) => nrAccesses >= 0 && nrAccesses <= 20));
      }
    },
  },
  {
    name: 'every region shows the files the capability table names',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await waitForRegions(kernel);
      const [first] = listTriedRegions(kernel);
      const expected = ['age', 'end', 'nr_accesses', 'start'];
      if (hasCapability(kernel, 'ops_filter_passed')) expected.push('sz_filter_passed');
      if (hasCapability(kernel, 'probes')) expected.push('probes');
      const found = kernel.fs.list(`${SCHEME}/tried_regions/${first ?? 'none'}`);
      assert.deepEqual(found.sort(), expected.sort());
    },
  },
  {
    name: 'the hot part of a process is told from the rest',
    run: async (kernel) => {
      const process = await monitorProcess(kernel, { minNrRegions: 100 });
      await kernel.sleep(2000);
      const accessed: number[] = [];
      for (let round = 0; round < 15; round += 1) {
        const regions = await updateTriedRegions(kernel);
        accessed.push(Number(sumBytes(regions.filter(({ nrAccesses }) => nrAccesses > 0))));
        await kernel.sleep(200);
      }
      const ratio = computeMedian(accessed) / Number(process.hotBytes);
      assert.ok(
        ratio > 0.8 && ratio < 1.35,
        `found ${ratio} of the hot size, of ${accessed.join()}`,
      );
    },
  },
  {
    name: 'age grows where accesses stay the same',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await waitForRegions(kernel);
      await eventually(kernel, 'an age of 10 aggregations', async () =>
        (await updateTriedRegions(kernel)).some(({ age }) => age >= 10),
      );
    },
  },
  {
    name: 'a scheme shows only regions of its access pattern',
    run: async (kernel) => {
      await monitorProcess(kernel, { minNrRegions: 50, schemes: [{ minNrAccesses: 1 }] });
      const regions = await waitForRegions(kernel);
      assert.ok(regions.every(({ nrAccesses }) => nrAccesses >= 1));
    },
  },
  {
    name: 'each scheme has regions of its own, numbered per scheme by newer kernels',
    run: async (kernel) => {
      await monitorProcess(kernel, {
        minNrRegions: 50,
        schemes: [{ minNrAccesses: 1 }, { maxNrAccesses: 0 }],
      });
      let schemes: number[][] = [];
      await eventually(kernel, 'regions in both', async () => {
        await command(kernel, 'update_schemes_tried_regions');
        schemes = [0, 1].map((scheme) => listTriedRegions(kernel, scheme));
        return schemes.every(({ length }) => length > 1);
      });
      assert.ok(readTriedRegions(kernel, 0).every(({ nrAccesses }) => nrAccesses > 0));
      assert.ok(readTriedRegions(kernel, 1).every(({ nrAccesses }) => nrAccesses === 0));
      for (const scheme of [0, 1]) {
        assertAscending(readTriedRegions(kernel, scheme));
        assert.equal(readTotalBytes(kernel, scheme), sumBytes(readTriedRegions(kernel, scheme)));
      }
      const all = schemes.flat();
      if (hasCapability(kernel, 'regions_per_scheme')) {
        for (const numbers of schemes) assert.deepEqual(numbers, [...numbers.keys()]);
      } else {
        assert.equal(new Set(all).size, all.length);
      }
    },
  },
  {
    name: 'asking for sizes only takes the regions away',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await waitForRegions(kernel);
      await command(kernel, 'update_schemes_tried_bytes');
      assert.deepEqual(listTriedRegions(kernel), []);
      assert.ok(readTotalBytes(kernel) > 0n);
    },
  },
  {
    name: 'clearing takes regions and size away',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await waitForRegions(kernel);
      await command(kernel, 'clear_schemes_tried_regions');
      assert.deepEqual(listTriedRegions(kernel), []);
      assert.equal(readTotalBytes(kernel), 0n);
    },
  },
  {
    name: 'regions stay as they were shown after off',
    run: async (kernel) => {
      await monitorProcess(kernel);
      const before = await waitForRegions(kernel);
      await command(kernel, 'off');
      assert.deepEqual(readTriedRegions(kernel), before);
      assert.equal(readTotalBytes(kernel), sumBytes(before));
    },
  },
  {
    name: 'without schemes there is nothing to show',
    run: async (kernel) => {
      await monitorProcess(kernel, { schemes: [] });
      const expected = hasCapability(kernel, 'canceled_request') ? 'ECANCELED' : 'ok';
      assert.equal(await tryCommand(kernel, 'update_schemes_tried_regions'), expected);
    },
  },
  {
    name: 'a paddr kdamond stays inside the regions it was given',
    run: async (kernel) => {
      const [ram] = readSystemRam(kernel.fs).sort((a, b) =>
        Number(b.endAddr - b.startAddr - (a.endAddr - a.startAddr)),
      );
      assert.ok(ram !== undefined);
      const ranges = [[ram.startAddr, ram.endAddr]] as const;
      stageKdamond(kernel, { operations: 'paddr', ranges, minNrRegions: 50 });
      await command(kernel, 'on');
      const regions = await waitForRegions(kernel);
      assertAscending(regions);
      assert.equal(regions.at(0)?.start, ram.startAddr);
      assert.equal(regions.at(-1)?.end, ram.endAddr);
      assert.equal(sumBytes(regions), ram.endAddr - ram.startAddr);
    },
  },
];
