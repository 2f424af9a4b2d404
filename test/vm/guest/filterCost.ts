import { setTimeout as sleep } from 'node:timers/promises';
import { KDAMONDS } from '../../../src/kernel/kdamonds.ts';
import type { KernelPath } from '../../../src/kernel/kernelFs.ts';
import { readProcessStat } from '../../../src/kernel/processes.ts';
import { command, readState, resetDamon, write } from '../../contract/damonFiles.ts';
import { createGuestKernel } from './guestKernel.ts';
import { createReport } from './report.ts';
import { inCgroup } from './schemes/machine.ts';

/**
 * What filters cost the kdamond, for docs/per-cgroup.md: CPU time of the same kdamond without
 * filters, with more and more schemes that have one, and with probes instead. By hand:
 *
 *   test/vm/bootGuest.sh ~/.cache/damon-kernels/k/7.2/vmlinuz .cache/vm/initramfs.cpio /dev/stderr filterCost
 */

interface Setup {
  readonly what: string;
  readonly nrFiltered: number;
  /** Of the schemes with filters. */
  readonly applyIntervalUs: number;
  readonly nrProbes: number;
}

const PLAIN: Setup = { what: 'plain', nrFiltered: 0, applyIntervalUs: 0, nrProbes: 0 };
const SETUPS: readonly Setup[] = [
  PLAIN,
  { ...PLAIN, what: '2 schemes, 1 s', nrFiltered: 2, applyIntervalUs: 1_000_000 },
  { ...PLAIN, what: '8 schemes, 1 s', nrFiltered: 8, applyIntervalUs: 1_000_000 },
  { ...PLAIN, what: '8 schemes, 5 s', nrFiltered: 8, applyIntervalUs: 5_000_000 },
  { ...PLAIN, what: '16 schemes, 1 s', nrFiltered: 16, applyIntervalUs: 1_000_000 },
  { ...PLAIN, what: '1 probe', nrProbes: 1 },
  { ...PLAIN, what: '4 probes', nrProbes: 4 },
];
const SECONDS = 30;
const USED_MIB = 768;

const kernel = createGuestKernel();
const report = createReport();

/** Physical memory, one scheme per part of it that is counted, and one for all. */
function stage(index: number, { nrFiltered, nrProbes, applyIntervalUs }: Setup): void {
  const context: KernelPath = `${KDAMONDS}/${index}/contexts/0`;
  const attrs: KernelPath = `${context}/monitoring_attrs`;
  const region: KernelPath = `${context}/targets/0/regions`;
  write(kernel, `${KDAMONDS}/${index}/contexts/nr_contexts`, 1);
  write(kernel, `${context}/operations`, 'paddr');
  write(kernel, `${attrs}/nr_regions/min`, 100);
  write(kernel, `${context}/targets/nr_targets`, 1);
  write(kernel, `${region}/nr_regions`, 1);
  write(kernel, `${region}/0/start`, 1n << 20n);
  write(kernel, `${region}/0/end`, (1n << 31n) - (1n << 20n));
  write(kernel, `${attrs}/probes/nr_probes`, nrProbes);
  for (let probe = 0; probe < nrProbes; probe += 1) {
    stageMemcg(`${attrs}/probes/${probe}/filters`, 'path');
  }
  write(kernel, `${context}/schemes/nr_schemes`, nrFiltered + 1);
  for (let number = 0; number <= nrFiltered; number += 1) {
    const scheme: KernelPath = `${context}/schemes/${number}`;
    for (const what of ['sz', 'nr_accesses', 'age']) {
      write(kernel, `${scheme}/access_pattern/${what}/max`, 2n ** 32n - 1n);
    }
    if (number === nrFiltered) continue;
    write(kernel, `${scheme}/apply_interval_us`, applyIntervalUs);
    stageMemcg(`${scheme}/ops_filters`, 'memcg_path');
  }
}

function stageMemcg(filters: KernelPath, pathFile: string): void {
  write(kernel, `${filters}/nr_filters`, 1);
  write(kernel, `${filters}/0/type`, 'memcg');
  write(kernel, `${filters}/0/${pathFile}`, '/used');
  write(kernel, `${filters}/0/matching`, 'Y');
  write(kernel, `${filters}/0/allow`, 'Y');
}

function readCpuSeconds(index: number): number {
  return readProcessStat(kernel.fs, Number(readState(kernel, index).pid))?.cpuSeconds ?? NaN;
}

/** Beside one without filters: however busy the machine is, both have the same of it. */
async function measure(setup: Setup): Promise<void> {
  write(kernel, `${KDAMONDS}/nr_kdamonds`, 2);
  stage(0, PLAIN);
  stage(1, setup);
  await command(kernel, 'on', 0);
  await command(kernel, 'on', 1);
  await sleep(2000);
  const from = [readCpuSeconds(0), readCpuSeconds(1)];
  await sleep(SECONDS * 1000);
  const [plain = NaN, filtered = NaN] = [0, 1].map(
    (index) => readCpuSeconds(index) - (from[index] ?? NaN),
  );
  report({ what: setup.what, plain, filtered, ratio: (filtered / plain).toFixed(2) });
  await command(kernel, 'off', 0);
  await command(kernel, 'off', 1);
}

await resetDamon(kernel);
// The worst case: every page is looked at by itself.
write(kernel, 'sys/kernel/mm/transparent_hugepage/enabled', 'never');
await inCgroup('/used', () => kernel.startProcess(16, USED_MIB));
for (const setup of SETUPS) await measure(setup);
await kernel.killAll();
process.exit(0);
