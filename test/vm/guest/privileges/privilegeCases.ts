import assert from 'node:assert/strict';
import { mkdirSync, statSync } from 'node:fs';
import type { ContractCase, ContractKernel } from '../../../contract/contractKernel.ts';
import { command, eventually, hasCapability } from '../../../contract/damonFiles.ts';
import { stageKdamond } from '../../../contract/stage.ts';
import { runCommand } from '../program.ts';
import { readKernelState, switchOffDamonStat } from '../kernelState.ts';
import { startExporter } from '../serve/exporter.ts';
import { selectValues } from '../serve/metricsText.ts';

/** Source: include/uapi/linux/capability.h */
const CAPABILITIES = { DAC_OVERRIDE: 1, DAC_READ_SEARCH: 2 } as const;
const NOBODY = 65_534;

/** A user with these capabilities and no others, also in what could be had. */
function as(uid: number, ...names: readonly (keyof typeof CAPABILITIES)[]): { wrapper: string[] } {
  const numbers = names.map((name) => CAPABILITIES[name]).join(',');
  return { wrapper: ['/workloads/withCaps', String(uid), numbers === '' ? 'none' : numbers] };
}

async function startForeignKdamond(kernel: ContractKernel): Promise<void> {
  await switchOffDamonStat(kernel);
  const { pid } = await kernel.startProcess(1, 16);
  stageKdamond(kernel, { pids: [pid], schemes: [{}] });
  await command(kernel, 'on');
}

/** A state file says what is written to the kernel: one user does not go by that of another. */
function ownArguments({ wrapper }: { wrapper: string[] }): string[] {
  const stateFile = `/run/state-of-${wrapper[1] ?? ''}/state.json`;
  return ['--takeover', 'damon_stat', '--state.file', stateFile];
}

/** Own kdamond and working set, and all as before at the end. */
async function checkOwn(
  kernel: ContractKernel,
  args: readonly string[],
  options: { wrapper: string[] },
): Promise<void> {
  const before = readKernelState(kernel);
  const exporter = await startExporter([...args, ...ownArguments(options)], options);
  await eventually(kernel, 'a working set', async () =>
    selectValues(await exporter.scrape(), 'damon_wss_bytes').some((value) => value > 0),
  );
  const samples = await exporter.scrape();
  assert.deepEqual(selectValues(samples, 'damon_kdamond_info', { owner: 'own' }), [1]);
  assert.deepEqual(selectValues(samples, 'damon_exporter_part_success', { part: 'sysfs' }), [1]);
  assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
  assert.deepEqual(readKernelState(kernel), before);
}

/** For what nobody may write to otherwise. */
function makeOwnDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

const OBSERVING: readonly ContractCase[] = [
  {
    name: 'with CAP_DAC_READ_SEARCH alone an ordinary user sees kdamonds, schemes and modules',
    run: async (kernel) => {
      await startForeignKdamond(kernel);
      const before = readKernelState(kernel);
      const exporter = await startExporter([], as(NOBODY, 'DAC_READ_SEARCH'));
      await eventually(kernel, 'a running kdamond', async () => {
        const now = await exporter.scrape();
        return selectValues(now, 'damon_kdamond_running', { kdamond: '0' })[0] === 1;
      });
      await kernel.sleep(1500);
      const samples = await exporter.scrape();
      assert.equal(selectValues(samples, 'damon_scheme_tried_bytes_total').length, 1);
      assert.equal(selectValues(samples, 'damon_reclaim_enabled').length, 1);
      assert.equal(selectValues(samples, 'damon_kdamond_cpu_seconds_total').length, 1);
      assert.deepEqual(selectValues(samples, 'damon_wss_bytes'), []);
      assert.match(exporter.readStderr(), /CAP_DAC_OVERRIDE/);
      assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'with CAP_DAC_READ_SEARCH alone DAMON_STAT is read',
    needs: ['damon_stat'],
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const exporter = await startExporter([], as(NOBODY, 'DAC_READ_SEARCH'));
      await eventually(kernel, 'percentiles', async () => {
        const samples = await exporter.scrape();
        return selectValues(samples, 'damon_stat_idle_seconds').length >= 5;
      });
      assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'with CAP_DAC_OVERRIDE alone an ordinary user traces what others started',
    run: async (kernel) => {
      await startForeignKdamond(kernel);
      const before = readKernelState(kernel);
      const exporter = await startExporter([], as(NOBODY, 'DAC_OVERRIDE'));
      await eventually(
        kernel,
        'a working set',
        async () => selectValues(await exporter.scrape(), 'damon_wss_bytes').length === 1,
      );
      assert.equal(await exporter.stop('SIGTERM'), 0, exporter.readStderr());
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'status needs CAP_DAC_READ_SEARCH and nothing else',
    run: async (kernel) => {
      await startForeignKdamond(kernel);
      const { status, stdout, stderr } = await runCommand(
        ['status'],
        as(NOBODY, 'DAC_READ_SEARCH'),
      );
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^ *0 +sysfs +on +\d+ .*vaddr/m);
    },
  },
];

const CONTROLLING: readonly ContractCase[] = [
  {
    name: 'with CAP_DAC_OVERRIDE alone an ordinary user monitors a process of root',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 16);
      await checkOwn(kernel, [String(pid)], as(NOBODY, 'DAC_OVERRIDE'));
    },
  },
  {
    // As the systemd unit and the DaemonSet of this package run it; /proc/iomem hides addresses then.
    name: 'root without any capability monitors physical memory',
    run: async (kernel) => {
      await kernel.startProcess(1, 16);
      await checkOwn(kernel, ['paddr'], as(0));
    },
  },
  {
    name: 'with CAP_DAC_READ_SEARCH alone starting a kdamond is refused and nothing is changed',
    run: async (kernel) => {
      const before = readKernelState(kernel);
      const { pid } = await kernel.startProcess(1, 16);
      const { status, stderr } = await runCommand(
        [
          ...['serve', String(pid), '--takeover', 'damon_stat'],
          ...['--web.listen-address', '127.0.0.1:0', '--state.file', '/tmp/reader/state.json'],
        ],
        as(NOBODY, 'DAC_READ_SEARCH'),
      );
      assert.equal(status === 0 || status === null, false, stderr);
      assert.match(stderr, /CAP_DAC_OVERRIDE|EACCES/);
      assert.doesNotMatch(stderr, /^ {4}at /m);
      assert.deepEqual(readKernelState(kernel), before);
    },
  },
  {
    name: 'what is recorded by an ordinary user is for nobody else',
    run: async (kernel) => {
      const { pid } = await kernel.startProcess(1, 16);
      const dir = makeOwnDirectory('/tmp/recorded');
      const user = as(NOBODY, 'DAC_OVERRIDE');
      const { status, stderr } = await runCommand(
        ['record', String(pid), '--timeout', '1', '-o', `${dir}/damon.data`, ...ownArguments(user)],
        user,
      );
      assert.equal(status, 0, stderr);
      assert.equal(statSync(`${dir}/damon.data`).mode & 0o777, 0o600);
    },
  },
];

const DOCTOR: readonly ContractCase[] = [
  {
    name: 'doctor names the capability that tracing lacks',
    run: async (kernel) => {
      const { status, stdout } = await runCommand(['doctor'], as(NOBODY, 'DAC_READ_SEARCH'));
      assert.match(stdout, /running as uid 65534 with CAP_DAC_READ_SEARCH$/m);
      assert.match(stdout, /CAP_DAC_OVERRIDE to trace and to start kdamonds/);
      assert.match(stdout, /^ {2}trace +.*CAP_DAC_OVERRIDE/m);
      assert.equal(status, hasCapability(kernel, 'damon_stat') ? 0 : 4, stdout);
    },
  },
  {
    name: 'doctor finds CAP_DAC_OVERRIDE enough for everything',
    run: async () => {
      const { status, stdout } = await runCommand(['doctor'], as(NOBODY, 'DAC_OVERRIDE'));
      assert.equal(status, 0, stdout);
      assert.match(stdout, /^ {2}trace +can be used$/m);
      assert.doesNotMatch(stdout, /CAP_SYS_ADMIN/);
    },
  },
];

/** What each source and action needs, on a kernel that checks it. */
export const PRIVILEGE_CASES: readonly ContractCase[] = [...OBSERVING, ...CONTROLLING, ...DOCTOR];
