import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import type { ContractKernel } from '../../../contract/contractKernel.ts';
import { eventually } from '../../../contract/damonFiles.ts';
import { readKernelState } from '../kernelState.ts';
import { finishProgram, startProgram, type CommandOptions } from '../program.ts';
import type { CommandOutcome, RunningProgram } from '../program.ts';
import { createReport, type FileReport } from '../report.ts';

/** A running `record`. */
export interface Recorder extends RunningProgram {
  /** Resolves when there is something in the record. */
  waitForRecord(): Promise<void>;
  /**
   * Waits for its end, asserts that it ended well, with a whole file, the one of before kept and the
   * kernel as it was, and sends the record to the machine outside.
   */
  finish(): Promise<CommandOutcome>;
  /** Waits for its end, asserts that it says why in a sentence and has changed nothing. */
  refused(): Promise<CommandOutcome>;
}

const EARLIER = 'what was there before';
const STATE_FILE = '/run/damon-exporter/state.json';

/** Sends a file to the machine outside. */
export function keepFile(file: string, content: Buffer | string): void {
  const report: FileReport = { file, base64: Buffer.from(content).toString('base64') };
  createReport()(report);
}

/** Where the record of this name is. */
export function getRecordPath(name: string): string {
  return `/tmp/${name}`;
}

/** Starts `record` to a file of this name, in place of an earlier one. */
export function startRecorder(
  kernel: ContractKernel,
  name: string,
  args: readonly string[],
  options: CommandOptions = {},
): Recorder {
  const path = getRecordPath(name);
  rmSync(`${path}.old`, { force: true });
  writeFileSync(path, EARLIER);
  const before = readKernelState(kernel);
  const words = ['record', ...args, '--takeover', 'damon_stat', '-o', path];
  const program = startProgram(words, options);
  const finish = async (): Promise<CommandOutcome> => {
    const outcome = await finishProgram(program);
    assert.deepEqual(readKernelState(kernel), before);
    assert.equal(existsSync(STATE_FILE), false);
    return outcome;
  };
  return {
    ...program,
    waitForRecord: () =>
      eventually(kernel, `a record of ${args.join(' ')}`, () => existsSync(`${path}.old`)),
    finish: async () => {
      const outcome = await finish();
      assert.equal(outcome.status, 0, outcome.stderr);
      assert.equal(readFileSync(`${path}.old`, 'utf8'), EARLIER);
      assert.equal(statSync(path).mode & 0o7777, 0o600);
      keepFile(name, readFileSync(path));
      return outcome;
    },
    refused: async () => {
      const outcome = await finish();
      assert.match(outcome.stderr, /^damon-exporter: .*\n$/);
      assert.equal(readFileSync(path, 'utf8'), EARLIER);
      assert.equal(existsSync(`${path}.old`), false);
      return outcome;
    },
  };
}
