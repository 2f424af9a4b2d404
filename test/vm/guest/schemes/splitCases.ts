import assert from 'node:assert/strict';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { eventually } from '../../../contract/damonFiles.ts';
import { readKernelState } from '../kernelState.ts';
import { selectValues } from '../serve/metricsText.ts';
import { idleFor, makeConfig, startConfigured, type Configured } from './configured.ts';
import type { ConfigPart } from './configured.ts';
import { inCgroup, readMemoryStat } from './machine.ts';

const MIB = 2 ** 20;
const COLD_MIB = 96;
/** Of what is cold this much is found to be so, at least. */
const MIN_COLD_MIB = 0.6 * COLD_MIB;
const BUSY_MIB = 32;

const BUSY = { nr_accesses: { min: '5 %', max: '100 %' } };
const IDLE = { nr_accesses: { min: '0 %', max: '0 %' } };

function count(name: string, filter: ConfigPart, pattern: ConfigPart = {}): ConfigPart {
  return {
    name,
    action: 'stat',
    access_pattern: pattern,
    apply_interval_us: '500 ms',
    filters: [filter],
  };
}

function makeSchemes(path: string): ConfigPart[] {
  const filter = { filter_type: 'memcg', memcg_path: path, matching: false };
  const name = path.slice(1);
  return [
    count(`${name}-all`, filter),
    count(`${name}-busy`, filter, BUSY),
    count(`${name}-idle`, filter, IDLE),
    count(`${name}-cold`, filter, idleFor('1 s')),
  ];
}

/** What passed by scheme, in MiB: the mean over some walks. */
async function measure(
  kernel: ContractKernel,
  exporter: Configured,
): Promise<ReadonlyMap<string, number>> {
  const look = async () => {
    const samples = await exporter.scrape();
    const names = samples
      .filter(({ family }) => family === 'damon_scheme_filter_info')
      .map(({ labels }) => labels['scheme'] ?? '');
    return names.map((scheme) => {
      const [bytes = NaN] = selectValues(samples, 'damon_scheme_ops_filter_passed_bytes_total', {
        scheme,
      });
      const [walks = NaN] = selectValues(samples, 'damon_scheme_snapshots_total', { scheme });
      return { scheme, bytes, walks };
    });
  };
  const before = await look();
  let after = before;
  await eventually(kernel, 'some walks', async () => {
    after = await look();
    return after.every(({ walks }, index) => walks - (before[index]?.walks ?? 0) >= 4);
  });
  return new Map(
    after.map(({ scheme, bytes, walks }, index) => {
      const from = before[index] ?? { bytes: NaN, walks: NaN };
      return [scheme, (bytes - from.bytes) / (walks - from.walks) / MIB];
    }),
  );
}

function assertNear(what: string, found: number, expected: number, share: number): void {
  assert.ok(
    Math.abs(found - expected) <= share * expected,
    `${what}: found ${found}, expected ${expected} MiB`,
  );
}

async function assertSplit(kernel: ContractKernel): Promise<void> {
  const before = readKernelState(kernel);
  await inCgroup('/cold', () => kernel.startProcess(0, COLD_MIB));
  await inCgroup('/busy', () => kernel.startProcess(BUSY_MIB, BUSY_MIB));
  const exporter = await startConfigured(
    kernel,
    makeConfig({
      ops: 'paddr',
      targets: [],
      schemes: [
        ...makeSchemes('/cold'),
        ...makeSchemes('/busy'),
        count('anon', { filter_type: 'anon', matching: false }),
        count('huge', {
          filter_type: 'hugepage_size',
          hugepage_size: ['2 MiB', 'max'],
          matching: false,
        }),
        { name: 'observe' },
      ],
    }),
  );
  await kernel.sleep(4000);
  let passed = await measure(kernel, exporter);
  // On a machine with other things to do it takes longer until regions fit what is hot and cold.
  for (let left = 5; left > 0 && !(Number(passed.get('cold-cold')) >= MIN_COLD_MIB); left -= 1) {
    passed = await measure(kernel, exporter);
  }
  const mib = (scheme: string): number => passed.get(scheme) ?? NaN;
  for (const path of ['cold', 'busy']) {
    // A huge page that lies in two regions is counted in both, and hot memory may have cooled between
    // the walks of two schemes: the parts are at least the whole, and not much more.
    const parts = mib(`${path}-busy`) + mib(`${path}-idle`);
    const whole = mib(`${path}-all`);
    assert.ok(parts >= 0.9 * whole && parts <= 1.5 * whole, `${path}: ${parts} of ${whole} MiB`);
    const charged = readMemoryStat(`/${path}`, 'anon') / MIB;
    assertNear(`${path} as charged`, mib(`${path}-all`), charged, 0.1);
  }
  assert.ok(mib('cold-cold') >= MIN_COLD_MIB, `cold of cold: ${mib('cold-cold')}`);
  assert.ok(mib('busy-cold') <= 0.3 * BUSY_MIB, `cold of busy: ${mib('busy-cold')}`);
  assert.ok(mib('busy-busy') >= 0.5 * BUSY_MIB, `busy of busy: ${mib('busy-busy')}`);
  assertNear('anonymous memory', mib('anon'), readMemoryStat('', 'anon') / MIB, 0.1);
  assert.ok(mib('huge') <= mib('anon') && mib('huge') > 0, `huge: ${mib('huge')}`);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

export const SPLIT_CASES: readonly ContractCase[] = [
  {
    name: 'filters split hot and cold memory by cgroup and kind, and the parts add up',
    needs: ['ops_filter_passed', 'max_nr_snapshots'],
    run: assertSplit,
  },
];
