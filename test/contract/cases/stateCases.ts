import assert from 'node:assert/strict';
import { CAPABILITIES } from '../../../src/damon/capabilities.ts';
import { KDAMONDS } from '../../../src/kernel/kdamonds.ts';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import { removeKdamondDirs } from '../../../src/kernel/kdamondDirs.ts';
import { stopKdamond } from '../../../src/kernel/state.ts';
import type { ContractCase, ContractKernel } from '../contractKernel.ts';
import {
  command,
  CONTEXT,
  hasCapability,
  read,
  readState,
  SCHEME,
  tryCommand,
  tryRead,
  tryWrite,
  write,
} from '../damonFiles.ts';
import { monitorProcess, stageKdamond } from '../stage.ts';

/** Every word of the capability table except on, off and clearing, which has rules of its own. */
const REQUESTS = CAPABILITIES.flatMap(({ id, evidence }) =>
  evidence.kind === 'keyword' && !/^(on|off|clear_.*)$/.test(evidence.keyword)
    ? [{ id, word: evidence.keyword }]
    : [],
);

async function tryRequests(kernel: ContractKernel): Promise<[word: string, outcome: string][]> {
  const found: [string, string][] = [];
  for (const { word } of REQUESTS) found.push([word, await tryCommand(kernel, word)]);
  return found;
}

function expectRequests(
  kernel: ContractKernel,
  outcome: string,
): [word: string, outcome: string][] {
  return REQUESTS.map(({ id, word }) => [word, hasCapability(kernel, id) ? outcome : 'EINVAL']);
}

export const STATE_CASES: readonly ContractCase[] = [
  {
    name: 'a kdamond that never ran refuses every command but on',
    run: async (kernel) => {
      stageKdamond(kernel, { pids: [1] });
      assert.deepEqual(await tryRequests(kernel), expectRequests(kernel, 'EINVAL'));
      assert.equal(await tryCommand(kernel, 'off'), 'EINVAL');
      assert.equal(await tryCommand(kernel, 'bogus'), 'EINVAL');
      assert.equal(readState(kernel).state, 'off');
    },
  },
  {
    name: 'a kdamond that ran refuses every command but on',
    run: async (kernel) => {
      await monitorProcess(kernel);
      await command(kernel, 'off');
      const refusal = hasCapability(kernel, 'canceled_request') ? 'ECANCELED' : 'EINVAL';
      assert.deepEqual(await tryRequests(kernel), expectRequests(kernel, refusal));
      assert.equal(await tryCommand(kernel, 'off'), 'EPERM');
      await command(kernel, 'on');
      assert.equal(readState(kernel).state, 'on');
    },
  },
  {
    name: 'results of a kdamond that is off can be cleared by newer kernels only',
    run: async (kernel) => {
      stageKdamond(kernel, { pids: [1] });
      const expected = hasCapability(kernel, 'clear_while_off') ? 'ok' : 'EINVAL';
      assert.equal(await tryCommand(kernel, 'clear_schemes_tried_regions'), expected);
    },
  },
  {
    name: 'a running kdamond takes exactly the commands the capability table names',
    run: async (kernel) => {
      await monitorProcess(kernel);
      assert.deepEqual(await tryRequests(kernel), expectRequests(kernel, 'ok'));
      assert.equal(await tryCommand(kernel, 'clear_schemes_tried_regions'), 'ok');
      assert.equal(await tryCommand(kernel, 'update_schemes_stats\n'), 'ok');
      assert.equal(await tryCommand(kernel, 'update_schemes_quota_goals'), 'EINVAL');
      assert.equal(await tryCommand(kernel, 'bogus'), 'EINVAL');
      assert.equal(readState(kernel).state, 'on');
    },
  },
  {
    name: 'a running kdamond cannot be started again nor its directory removed',
    run: async (kernel) => {
      await monitorProcess(kernel);
      const { pid } = readState(kernel);
      assert.equal(await tryCommand(kernel, 'on'), 'EBUSY');
      for (const count of ['0', '1', '2']) {
        assert.equal(tryWrite(kernel, `${KDAMONDS}/nr_kdamonds`, count), 'EBUSY', count);
      }
      assert.deepEqual(readState(kernel), { state: 'on', pid });
      await command(kernel, 'off');
      write(kernel, `${KDAMONDS}/nr_kdamonds`, 0);
    },
  },
  {
    name: 'counts below a running kdamond can be written and only stage',
    run: async (kernel) => {
      await monitorProcess(kernel);
      write(kernel, `${CONTEXT}/targets/nr_targets`, 1);
      write(kernel, `${CONTEXT}/schemes/nr_schemes`, 2);
      assert.equal(await tryCommand(kernel, 'update_schemes_stats'), 'ok');
      write(kernel, `${KDAMONDS}/0/contexts/nr_contexts`, 0);
      assert.equal(readState(kernel).state, 'on');
      assert.equal(await tryCommand(kernel, 'update_schemes_stats'), 'EINVAL');
      assert.equal(await tryCommand(kernel, 'commit'), 'EINVAL');
      await command(kernel, 'off');
      assert.equal(readState(kernel).state, 'off');
    },
  },
  {
    name: 'while a region update waits, state and pid are busy and other files are not',
    run: async (kernel) => {
      await monitorProcess(kernel, { schemes: [{ applyIntervalUs: 3_000_000 }] });
      const kdamond: KernelPath = `${KDAMONDS}/0`;
      const pending = kernel.fs.writeTextBlocking(
        `${kdamond}/state`,
        'update_schemes_tried_regions',
      );
      await kernel.sleep(500);
      assert.equal(tryRead(kernel, `${kdamond}/state`), 'EBUSY');
      assert.equal(tryRead(kernel, `${kdamond}/pid`), 'EBUSY');
      assert.equal(tryWrite(kernel, `${kdamond}/state`, 'off'), 'EBUSY');
      assert.equal(tryWrite(kernel, `${kdamond}/state`, 'bogus'), 'EBUSY');
      assert.equal(tryWrite(kernel, `${KDAMONDS}/nr_kdamonds`, '1'), 'EBUSY');
      assert.equal(tryWrite(kernel, `${CONTEXT}/schemes/nr_schemes`, '1'), 'EBUSY');
      assert.equal(read(kernel, `${SCHEME}/stats/nr_tried`), '0');
      write(kernel, `${CONTEXT}/monitoring_attrs/intervals/sample_us`, 5000);
      await kernel.settle(pending);
      assert.equal(readState(kernel).state, 'on');
    },
  },
  {
    // 6.12 would wait for itself, for ever, if they were taken away in any other way.
    name: 'kdamonds are taken away while a command waits for one of them',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 16);
      stageKdamond(kernel, { pids: [pid], aggrIntervalUs: 5_000_000 });
      await command(kernel, 'on');
      const waiting = tryCommand(kernel, 'update_schemes_stats');
      await kernel.sleep(20);
      const retry = {
        ...{ attempts: 10, delayMs: 50, onBusy: () => undefined },
        sleep: (durationMs: number) => kernel.sleep(durationMs),
      };
      await kernel.settle(stopKdamond(kernel.fs, 0, retry));
      await kernel.settle(removeKdamondDirs(kernel.fs, retry));
      assert.match(await waiting, /^(ok|ECANCELED)$/);
      assert.equal(read(kernel, `${KDAMONDS}/nr_kdamonds`), '0');
    },
  },
];
