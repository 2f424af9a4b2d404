import assert from 'node:assert/strict';
import type { RegionColumns } from '../../../src/damon/snapshot.ts';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import { createTraceReader, type TraceReader } from '../../../src/kernel/trace/traceReader.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import {
  CONTEXT,
  command,
  eventually,
  INSTANCE,
  read,
  readState,
  tryWriteBlocking,
  write,
} from '../damonFiles.ts';
import { updateTriedRegions, type TriedRegion } from '../schemeResults.ts';
import { monitorProcess } from '../stage.ts';

/** Reads events while the case runs. `pid` may be any process that lives: it names the instance. */
async function withReader(
  kernel: ContractKernel,
  pid: number,
  run: (reader: TraceReader) => Promise<void>,
): Promise<void> {
  const { fs, clock } = kernel;
  const reader = createTraceReader({ fs, clock, pid, bufferSizeKb: 1024 });
  try {
    await run(reader);
  } finally {
    reader.close();
  }
}

function listRegions(columns: RegionColumns): TriedRegion[] {
  return Array.from({ length: columns.count }, (_, row) => ({
    start: columns.startAddr[row] ?? 0n,
    end: columns.endAddr[row] ?? 0n,
    nrAccesses: columns.nrAccesses[row] ?? NaN,
    age: columns.ageIntervals[row] ?? NaN,
  }));
}

function formatRegions(regions: readonly TriedRegion[]): string {
  return regions
    .map(({ start, end, nrAccesses, age }) => [start, end, nrAccesses, age].join())
    .join(' ');
}

/** Entries that wait in the instance's buffers. */
function countEntries(kernel: ContractKernel): number {
  return kernel.fs
    .list(`${INSTANCE}/per_cpu`)
    .map((cpu) => read(kernel, `${INSTANCE}/per_cpu/${cpu}/stats`))
    .reduce((sum, stats) => sum + Number(/^entries: (\d+)$/m.exec(stats)?.[1]), 0);
}

export const TRACE_EVENT_CASES: readonly ContractCase[] = [
  {
    name: 'events tell of each aggregation what tried_regions tells of one',
    run: async (kernel) => {
      const process = await monitorProcess(kernel, { minNrRegions: 50 });
      const kdamondPid = Number(readState(kernel).pid);
      await withReader(kernel, process.pid, async (reader) => {
        await kernel.sleep(500);
        for (let round = 0; round < 3; round += 1) {
          const tried = formatRegions(await updateTriedRegions(kernel));
          await eventually(kernel, 'a snapshot with the tried regions', () =>
            reader
              .poll()
              .snapshots.some(
                (snapshot) =>
                  snapshot.kdamondPid === kdamondPid &&
                  formatRegions(listRegions(snapshot.regions)) === tried,
              ),
          );
        }
      });
    },
  },
  {
    name: 'events come at the aggregation interval, from every kdamond, none lost',
    run: async (kernel) => {
      const process = await monitorProcess(kernel, { aggrIntervalUs: 200_000 });
      await withReader(kernel, process.pid, async (reader) => {
        const times: bigint[] = [];
        await eventually(kernel, '10 snapshots', () => {
          times.push(...reader.poll().snapshots.map(({ endNs }) => endNs));
          return times.length >= 10;
        });
        const spacings = times.slice(1).map((time, index) => Number(time - (times[index] ?? 0n)));
        // Late by what sleeping and a busy machine cost, never early.
        assert.ok(Math.min(...spacings) > 190e6, spacings.join());
        assert.equal(reader.poll().lostEvents, 0);
        assert.equal(reader.poll().spoiledSnapshots, 0);
        assert.equal(reader.poll().malformedPages, 0);
      });
    },
  },
  {
    name: 'events tell of DAMON_STAT, too',
    needs: ['damon_stat', 'damon_stat:kdamond_pid'],
    run: async (kernel) => {
      const parameters: KernelPath = 'sys/module/damon_stat/parameters';
      const { pid } = await kernel.startProcess(16, 64);
      assert.equal(await tryWriteBlocking(kernel, `${parameters}/enabled`, 'Y'), 'ok');
      const kdamondPid = Number(read(kernel, `${parameters}/kdamond_pid`));
      await withReader(kernel, pid, async (reader) => {
        await eventually(kernel, 'a snapshot', () =>
          reader
            .poll()
            .snapshots.some(
              (snapshot) => snapshot.kdamondPid === kdamondPid && snapshot.regions.count > 1,
            ),
        );
      });
    },
  },
  {
    name: 'events with probe hits come from contexts with a probe only',
    needs: ['probes', 'tracepoint:damon_region_aggregated'],
    run: async (kernel) => {
      kernel.fs.makeDir(INSTANCE);
      write(kernel, `${INSTANCE}/events/damon/damon_region_aggregated/enable`, '1');
      await monitorProcess(kernel);
      await kernel.sleep(500);
      assert.equal(countEntries(kernel), 0);
      const probes: KernelPath = `${CONTEXT}/monitoring_attrs/probes`;
      write(kernel, `${probes}/nr_probes`, 1);
      write(kernel, `${probes}/0/filters/nr_filters`, 1);
      write(kernel, `${probes}/0/filters/0/type`, 'anon');
      await command(kernel, 'commit');
      await eventually(kernel, 'events', () => countEntries(kernel) > 0);
    },
  },
];
