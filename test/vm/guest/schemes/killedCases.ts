import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../../../src/base/random.ts';
import type { ContractCase } from '../../../contract/contractKernel.ts';
import { eventually } from '../../../contract/damonFiles.ts';
import { readKernelState } from '../kernelState.ts';
import { runCommand, startProgram, stopProgram } from '../program.ts';
import { startExporter } from '../serve/exporter.ts';
import { idleFor, makeConfig } from './configured.ts';

const STATE_FILE = '/run/damon-exporter/state.json';
const NR_KILLS = 8;
/** From before it has read a file to when it has recorded for a while. */
const LATEST_KILL_MS = 6_000;

/** Killed at a random moment of each run, and at last ended well. */
export const KILLED_CASES: readonly ContractCase[] = [
  {
    name: 'exporters that are killed at any moment leave whole records, and nothing in the kernel after the next',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      const dir = mkdtempSync('/tmp/killed-');
      const config = join(dir, 'damon.yaml');
      const schemes = [{ name: 'observe' }, { name: 'cold', access_pattern: idleFor('1 s') }];
      writeFileSync(
        config,
        JSON.stringify(makeConfig({ ops: 'vaddr', targets: [{ pid }], schemes })),
      );
      const record = join(dir, 'damon.data');
      const args = ['--config.file', config, '--takeover', 'damon_stat', '--record.path', record];
      const random = createRandom(1);
      for (let nth = 0; nth < NR_KILLS; nth += 1) {
        const listen = ['--web.listen-address', '127.0.0.1:0'];
        const { child, readStderr } = startProgram(['serve', ...listen, ...args]);
        await sleep(random.below(LATEST_KILL_MS));
        assert.equal(await stopProgram(child, 'SIGKILL'), null, readStderr());
      }
      const last = await startExporter(args);
      const listSegments = (): string[] =>
        readdirSync(dir).filter((name) => /^damon\.data\.\d+$/.test(name));
      await eventually(kernel, 'a record', () => listSegments().length > 0);
      assert.equal(await last.stop('SIGTERM'), 0, last.readStderr());
      assert.deepEqual(readKernelState(kernel), before);
      assert.equal(existsSync(STATE_FILE), false);
      const { status, stderr } = await runCommand(['report', 'raw', '-i', record]);
      assert.equal(status, 0, stderr);
      // The block that was being written may be lost, and nothing else.
      assert.doesNotMatch(stderr, /makes no sense|checksum|^ {4}at /m);
    },
  },
];
