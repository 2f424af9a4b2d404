import assert from 'node:assert/strict';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { eventually, read, readState } from '../../../contract/damonFiles.ts';
import { KDAMONDS } from '../../../../src/kernel/kdamonds.ts';
import { readKernelState } from '../kernelState.ts';
import { selectValues } from '../serve/metricsText.ts';
import { describeMapping, makeConfig, startConfigured, type Configured } from './configured.ts';
import type { ConfigPart } from './configured.ts';

const TRIED = 'damon_scheme_tried_bytes_total';

function makeScheme(name: string, pattern: ConfigPart, more: ConfigPart = {}): ConfigPart {
  return { name, action: 'stat', access_pattern: pattern, ...more };
}

const BUSY = makeScheme('busy', { nr_accesses: { min: '5 %', max: '100 %' } });
const IDLE = makeScheme('idle', { nr_accesses: { min: '0 %', max: '0 %' } });
const ALL = makeScheme('all', {});
const LIMITED = { ...IDLE, quotas: { sz_bytes: '8 MiB', reset_interval_ms: '1 s' } };

const RELOADS: readonly (readonly [what: string, schemes: readonly ConfigPart[]])[] = [
  ['a quota for one of them', [BUSY, LIMITED]],
  ['another order', [LIMITED, BUSY]],
  ['one more in front', [ALL, LIMITED, BUSY]],
  ['one less', [LIMITED, BUSY]],
];

/** Looks at the counters all the time; what was counted is never taken back. */
function watchCounters(exporter: Configured) {
  const highest = new Map<string, number>();
  const look = async (): Promise<ReadonlyMap<string, number>> => {
    const samples = await exporter.scrape();
    for (const name of ['busy', 'idle']) {
      const [value, ...others] = selectValues(samples, TRIED, { scheme: name });
      assert.equal(others.length, 0, name);
      if (value === undefined) {
        assert.ok(!highest.has(name), `${name} is not there any more`);
        continue;
      }
      const before = highest.get(name) ?? 0;
      assert.ok(value >= before, `${name} went from ${before} to ${value}`);
      highest.set(name, value);
    }
    return new Map(highest);
  };
  return look;
}

async function assertContinuity(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  const process = await kernel.startProcess(8, 32);
  const make = (schemes: readonly ConfigPart[]): ConfigPart =>
    makeConfig({ ...describeMapping(process), schemes });
  const exporter = await startConfigured(kernel, make([BUSY, IDLE]));
  const look = watchCounters(exporter);
  const waitForMore = async (what: string, than: ReadonlyMap<string, number>): Promise<void> => {
    await eventually(kernel, `counters go on with ${what}`, async () => {
      const now = await look();
      return now.size === 2 && [...now].every(([name, value]) => value > (than.get(name) ?? 0));
    });
  };
  await waitForMore('what was there first', new Map());
  const { pid } = readState(kernel);
  for (const [what, schemes] of RELOADS) {
    const counted = await look();
    await exporter.reload(make(schemes));
    await waitForMore(what, counted);
    const nrSchemes = read(kernel, `${KDAMONDS}/0/contexts/0/schemes/nr_schemes`);
    assert.deepEqual([nrSchemes, readState(kernel).pid], [String(schemes.length), pid], what);
  }
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

export const RELOAD_CASES: readonly ContractCase[] = [
  {
    name: 'schemes that are changed, moved and joined by others go on counting under their names',
    run: assertContinuity,
  },
];
