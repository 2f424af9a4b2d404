import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import type { ContractCase } from '../../../contract/contractKernel.ts';
import { eventually, readState } from '../../../contract/damonFiles.ts';
import { runCommand } from '../program.ts';
import { startExporter, type Exporter } from './exporter.ts';
import { readKernelState } from '../kernelState.ts';
import { selectValues } from './metricsText.ts';

const STATE_FILE = '/run/damon-exporter/state.json';
/** Nobody's: above any limit of the kernels under test. */
const NOBODY = '99999999';

function startOwn(pid: number): Promise<Exporter> {
  return startExporter([String(pid), '--takeover', 'damon_stat']);
}

/** What ends an own kdamond well is shown where working sets are measured. */
export const OWN_CASES: readonly ContractCase[] = [
  {
    name: 'what a killed exporter leaves is used up or removed by the next start',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      await (await startOwn(pid)).stop('SIGKILL');
      assert.equal(readState(kernel).state, 'on', 'nobody was there to stop it');
      assert.equal(statSync(STATE_FILE).mode & 0o777, 0o600);

      const second = await startOwn(pid);
      const own = { kdamond: '0', owner: 'own' };
      await eventually(
        kernel,
        'an own kdamond',
        async () => selectValues(await second.scrape(), 'damon_kdamond_info', own).length === 1,
      );
      await second.stop('SIGKILL');
      assert.equal(readState(kernel).state, 'on');

      const third = await startExporter([]);
      assert.equal(await third.stop('SIGTERM'), 0);
      assert.deepEqual(readKernelState(kernel), before);
      assert.equal(existsSync(STATE_FILE), false);
    },
  },
  {
    name: 'a process that does not exist is refused in one sentence and leaves nothing',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const outcome = await runCommand([
        ...['serve', NOBODY, '--takeover', 'damon_stat'],
        ...['--web.listen-address', '127.0.0.1:0'],
      ]);
      assert.equal(outcome.status, 4, outcome.stderr);
      assert.match(outcome.stderr, /^damon-exporter: /m);
      assert.doesNotMatch(outcome.stderr, /^ {4}at /m);
      assert.deepEqual(readKernelState(kernel), before);
      assert.equal(existsSync(STATE_FILE), false);
    },
  },
];
