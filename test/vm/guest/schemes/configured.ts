import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kill } from 'node:process';
import type { ContractKernel, ContractProcess } from '../../../contract/contractKernel.ts';
import { eventually } from '../../../contract/damonFiles.ts';
import { startExporter, type Exporter } from '../serve/exporter.ts';
import { selectValues } from '../serve/metricsText.ts';

/** As in a configuration file. */
export type ConfigPart = Readonly<Record<string, unknown>>;

/** `serve` with a configuration file. */
export interface Configured extends Exporter {
  /** Rewrites the file and waits until it is in force. */
  reload(config: ConfigPart): Promise<void>;
  /** The one value of a family with these labels. */
  read(family: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>;
}

/** One kdamond that looks closely, and what else its file says. */
export function makeConfig(context: ConfigPart, more: ConfigPart = {}): ConfigPart {
  const usual = {
    intervals: { sample_us: '5 ms', aggr_us: '100 ms', ops_update_us: '1 s' },
    nr_regions: { min: 100, max: 1000 },
  };
  return { ...more, kdamonds: [{ name: 'one', contexts: [{ ...usual, ...context }] }] };
}

/** Just the mapping of a process: most of its address space is gaps. */
export function describeMapping({ pid, startAddr, endAddr }: ContractProcess): ConfigPart {
  const region = { start: startAddr.toString(), end: endAddr.toString() };
  return { ops: 'fvaddr', targets: [{ pid, regions: [region] }] };
}

/** Memory nobody has accessed for so long. */
export function idleFor(age: string): ConfigPart {
  return { nr_accesses: { min: '0 %', max: '0 %' }, age: { min: age, max: 'max' } };
}

export async function startConfigured(
  kernel: ContractKernel,
  config: ConfigPart,
  args: readonly string[] = [],
): Promise<Configured> {
  const path = join(mkdtempSync('/tmp/config-'), 'damon.yaml');
  const write = (next: ConfigPart): void => {
    writeFileSync(path, JSON.stringify(next));
  };
  write(config);
  const exporter = await startExporter([
    ...['--config.file', path, '--takeover', 'damon_stat'],
    ...args,
  ]);
  const countReloads = (): number => exporter.readStderr().split('msg="reloaded').length;
  return {
    ...exporter,
    reload: async (next) => {
      write(next);
      const before = countReloads();
      kill(exporter.pid, 'SIGHUP');
      await eventually(kernel, 'reloaded', () => {
        assert.doesNotMatch(exporter.readStderr(), /reload failed/);
        return countReloads() > before;
      });
    },
    read: async (family, labels = {}) => {
      const values = selectValues(await exporter.scrape(), family, labels);
      assert.ok(values.length <= 1, `${family}: ${values.join()}`);
      return values[0];
    },
  };
}
