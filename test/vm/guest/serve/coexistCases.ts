import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { KDAMONDS } from '../../../../src/kernel/kdamonds.ts';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import {
  eventually,
  read,
  readState,
  tryCommand,
  tryRead,
  tryWrite,
} from '../../../contract/damonFiles.ts';
import { runCommand } from '../program.ts';
import { startExporter, type Exporter } from './exporter.ts';
import { readKernelState } from '../kernelState.ts';
import { selectValues } from './metricsText.ts';

const LISTEN = ['--web.listen-address', '127.0.0.1:0'] as const;
const TAKEOVER = ['--takeover', 'damon_stat'] as const;

async function seesWorkingSet(exporter: Exporter, owner: string): Promise<boolean> {
  const samples = await exporter.scrape();
  const [info, wss] = ['damon_kdamond_info', 'damon_wss_bytes'].map((family) =>
    selectValues(samples, family, { kdamond: '0', ...(family.endsWith('info') && { owner }) }),
  );
  return info?.length === 1 && wss?.length === 1;
}

/** The sum over the schemes there are. */
async function countTried(exporter: Exporter): Promise<number> {
  const values = selectValues(await exporter.scrape(), 'damon_scheme_tried_regions_total');
  return values.reduce((sum, value) => sum + value, 0);
}

function makeKeptConfig(pid: number, onExit: string): string {
  const context = {
    ops: 'vaddr',
    targets: [{ pid }],
    intervals: { sample_us: '5 ms', aggr_us: '100 ms', ops_update_us: '1 s' },
    schemes: [{ name: 'observe' }],
  };
  return JSON.stringify({ on_exit: onExit, kdamonds: [{ name: 'one', contexts: [context] }] });
}

async function assertRefused(args: readonly string[], expected: RegExp): Promise<void> {
  const { status, stderr } = await runCommand(args);
  assert.equal(status, 4, stderr);
  assert.match(stderr, expected);
  assert.doesNotMatch(stderr, /^ {4}at /m);
}

/** What damo writes when it starts, tunes and stops DAMON, over a kdamond of ours. */
async function actAsDamo(kernel: ContractKernel): Promise<void> {
  assert.equal(tryWrite(kernel, `${KDAMONDS}/nr_kdamonds`, '1'), 'EBUSY', 'damo start');
  assert.equal(await tryCommand(kernel, 'update_schemes_stats'), 'ok', 'damo status');
  assert.equal(await tryCommand(kernel, 'update_schemes_tried_regions'), 'ok', 'damo report');
  assert.equal(await tryCommand(kernel, 'off'), 'ok', 'damo stop');
}

export const COEXIST_CASES: readonly ContractCase[] = [
  {
    name: 'of two exporters one controls, the other observes, and a third that would control is refused',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      const first = await startExporter([String(pid), ...TAKEOVER]);
      const second = await startExporter([]);
      for (const [exporter, owner] of [
        [first, 'own'],
        [second, 'sysfs'],
      ] as const) {
        await eventually(kernel, owner, () => seesWorkingSet(exporter, owner));
      }
      assert.equal(kernel.fs.list('trace/instances').length, 2);
      const isExporter = new RegExp(
        `process ${first.pid} is an exporter with a kdamond of its own`,
      );
      await assertRefused(['serve', String(pid), ...TAKEOVER, ...LISTEN], isExporter);
      // With a state file of its own it knows nothing of the first, but the kernel does.
      const apart = ['--state.file', '/tmp/second-state.json', ...LISTEN];
      await assertRefused(['serve', String(pid), ...apart], /somebody else keeps 1 there, and 1/);
      assert.equal(await second.stop('SIGTERM'), 0);
      assert.equal(readState(kernel).state, 'on');
      assert.equal(await first.stop('SIGTERM'), 0);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'what damo does to a kdamond of ours is refused by the kernel, or undone',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      const config = join(mkdtempSync('/tmp/coexist-'), 'damon.yaml');
      writeFileSync(config, makeKeptConfig(pid, 'restore'));
      const exporter = await startExporter(['--config.file', config, ...TAKEOVER]);
      const kdamondPid = readState(kernel).pid;
      await actAsDamo(kernel);
      await eventually(kernel, 'started again', () => {
        // While the kernel works on a command it answers EBUSY.
        const now = tryRead(kernel, `${KDAMONDS}/0/pid`);
        return /^\d+$/.test(now) && now !== kdamondPid;
      });
      assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'an upgrade in place keeps the thread, its counters and the record',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      const dir = mkdtempSync('/tmp/upgrade-');
      const [config, record] = [join(dir, 'damon.yaml'), join(dir, 'damon.data')];
      const args = ['--config.file', config, ...TAKEOVER, '--record.path', record];
      writeFileSync(config, makeKeptConfig(pid, 'keep'));
      const old = await startExporter(args);
      await eventually(kernel, 'counters', async () => (await countTried(old)) > 0);
      const tried = await countTried(old);
      const kdamondPid = readState(kernel).pid;
      assert.equal(await old.stop('SIGTERM'), 0, old.readStderr());
      assert.match(readFileSync('/run/damon-exporter/state.json', 'utf8'), /"isKept":true/);
      writeFileSync(config, makeKeptConfig(pid, 'restore'));
      const next = await startExporter(args);
      assert.equal(readState(kernel).pid, kdamondPid);
      await eventually(kernel, 'counters go on', async () => (await countTried(next)) >= tried);
      assert.equal(await next.stop('SIGTERM'), 0, next.readStderr());
      assert.deepEqual(readKernelState(kernel), before);
      const { status, stdout, stderr } = await runCommand(['report', 'record-info', '-i', record]);
      assert.equal(status, 0, stderr);
      assert.match(stdout, /snapshots/);
      assert.equal(read(kernel, `${KDAMONDS}/nr_kdamonds`), '0');
    },
  },
];
