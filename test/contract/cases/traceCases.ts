import assert from 'node:assert/strict';
import { CAPABILITIES } from '../../../src/damon/capabilities.ts';
import type { KernelPath, KernelStream } from '../../../src/kernel/kernelFs.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import { eventually, hasCapability, INSTANCE, read, tryWrite, write } from '../damonFiles.ts';
import { monitorProcess } from '../stage.ts';

const PAGE_BYTES = 4096;
const AGGREGATED = 'events/damon/damon_aggregated';

function openRaw(kernel: ContractKernel): KernelStream[] {
  return kernel.fs
    .list(`${INSTANCE}/per_cpu`)
    .map((cpu) => kernel.fs.openStream(`${INSTANCE}/per_cpu/${cpu}/trace_pipe_raw`));
}

function tryRemove(kernel: ContractKernel): string {
  try {
    kernel.fs.removeDir(INSTANCE);
    return 'ok';
  } catch (error) {
    return error instanceof Error && 'errno' in error ? String(error.errno) : String(error);
  }
}

export const TRACE_CASES: readonly ContractCase[] = [
  {
    name: 'exactly those tracepoints are there which the capability table names',
    run: (kernel) => {
      for (const { id, evidence } of CAPABILITIES) {
        if (evidence.kind !== 'tracepoint') continue;
        const path: KernelPath = `trace/events/damon/${evidence.event}/format`;
        assert.equal(kernel.fs.exists(path), hasCapability(kernel, id), path);
      }
    },
  },
  {
    name: 'an instance has events of its own and goes with its directory',
    run: (kernel) => {
      kernel.fs.makeDir(INSTANCE);
      write(kernel, `${INSTANCE}/trace_clock`, 'mono');
      assert.match(read(kernel, `${INSTANCE}/trace_clock`), /\[mono\]/);
      write(kernel, `${INSTANCE}/${AGGREGATED}/enable`, '1');
      assert.equal(read(kernel, `${INSTANCE}/${AGGREGATED}/enable`), '1');
      assert.equal(read(kernel, `trace/${AGGREGATED}/enable`), '0');
      kernel.fs.removeDir(INSTANCE);
      assert.equal(kernel.fs.exists(INSTANCE), false);
    },
  },
  {
    name: 'there is one instance of a name',
    run: (kernel) => {
      kernel.fs.makeDir(INSTANCE);
      assert.throws(
        () => {
          kernel.fs.makeDir(INSTANCE);
        },
        { errno: 'EEXIST' },
      );
    },
  },
  {
    name: 'an instance cannot be removed while its raw buffer is open',
    run: (kernel) => {
      kernel.fs.makeDir(INSTANCE);
      const streams = openRaw(kernel);
      assert.equal(tryRemove(kernel), 'EBUSY');
      for (const stream of streams) stream.close();
      assert.equal(tryRemove(kernel), 'ok');
    },
  },
  {
    name: 'raw pages come whole, with time and length in front and nothing behind',
    run: async (kernel) => {
      kernel.fs.makeDir(INSTANCE);
      write(kernel, `${INSTANCE}/trace_clock`, 'mono');
      const streams = openRaw(kernel);
      const page = Buffer.alloc(2 * PAGE_BYTES);
      const readAny = (): number =>
        streams.map((stream) => stream.read(page)).find((bytes) => bytes > 0) ?? 0;
      try {
        assert.equal(readAny(), 0);
        write(kernel, `${INSTANCE}/${AGGREGATED}/enable`, '1');
        await monitorProcess(kernel);
        let lastNs = 0n;
        for (let round = 0; round < 5; round += 1) {
          let length = 0;
          await eventually(kernel, 'a page', () => (length = readAny()) > 0);
          assert.equal(length, PAGE_BYTES);
          const dataBytes = Number(page.readBigUInt64LE(8) & 0xfffffn);
          assert.ok(dataBytes > 0 && dataBytes <= PAGE_BYTES - 16, `${dataBytes} bytes of data`);
          assert.ok(page.subarray(16 + dataBytes, PAGE_BYTES).every((byte) => byte === 0));
          // Pages of one buffer ascend; those of several are only sometimes compared here.
          if (streams.length === 1) assert.ok(page.readBigUInt64LE(0) >= lastNs);
          lastNs = page.readBigUInt64LE(0);
        }
      } finally {
        for (const stream of streams) stream.close();
      }
    },
  },
  {
    name: 'settings that do not exist are refused',
    run: (kernel) => {
      kernel.fs.makeDir(INSTANCE);
      assert.equal(tryWrite(kernel, `${INSTANCE}/trace_clock`, 'sundial'), 'EINVAL');
      assert.equal(tryWrite(kernel, `${INSTANCE}/${AGGREGATED}/enable`, '2'), 'EINVAL');
    },
  },
];
