import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../src/base/clock.ts';
import { computeWssBytes } from '../../../src/damon/derive.ts';
import { createNodeKernelFs } from '../../../src/kernel/nodeFs.ts';
import { removeStaleInstances } from '../../../src/kernel/trace/instanceNames.ts';
import { createTraceReader } from '../../../src/kernel/trace/traceReader.ts';
import type { TraceReader, TracePoll } from '../../../src/kernel/trace/traceReader.ts';
import type { TraceSnapshot } from '../../../src/kernel/trace/snapshotAssembler.ts';
import { createReport } from './report.ts';

const KDAMONDS = '/sys/kernel/mm/damon/admin/kdamonds';
const INSTANCES = '/sys/kernel/tracing/instances';
const DAMON_STAT = '/sys/module/damon_stat/parameters/enabled';

const fs = createNodeKernelFs({
  sys: '/sys',
  proc: '/proc',
  trace: '/sys/kernel/tracing',
  boot: undefined,
});

function write(file: string, value: string | number): void {
  writeFileSync(`${KDAMONDS}/${file}`, String(value));
}

/** A kdamond at 5 ms / 100 ms; gives its pid. */
function startKdamond(targetPid: number): number {
  if (existsSync(DAMON_STAT)) writeFileSync(DAMON_STAT, 'N');
  write('nr_kdamonds', 1);
  write('0/contexts/nr_contexts', 1);
  write('0/contexts/0/operations', 'vaddr');
  write('0/contexts/0/monitoring_attrs/nr_regions/min', 100);
  write('0/contexts/0/targets/nr_targets', 1);
  write('0/contexts/0/targets/0/pid_target', targetPid);
  write('0/state', 'on');
  return Number(readFileSync(`${KDAMONDS}/0/pid`, 'utf8'));
}

/** Polls for so long while the kdamond is moved from CPU to CPU. */
async function pollFor(
  reader: TraceReader,
  kdamondPid: number,
  { periods, periodMs }: { readonly periods: number; readonly periodMs: number },
): Promise<{ snapshots: TraceSnapshot[]; last: TracePoll }> {
  const snapshots: TraceSnapshot[] = [];
  let last = reader.poll();
  for (let period = 0; period < periods; period += 1) {
    spawnSync('taskset', ['-p', period % 2 === 0 ? '1' : '2', String(kdamondPid)]);
    await sleep(periodMs);
    last = reader.poll();
    snapshots.push(...last.snapshots);
  }
  return { snapshots, last };
}

function summarize(snapshots: readonly TraceSnapshot[], last: TracePoll) {
  const wss = snapshots
    .map(({ regions }) => Number(computeWssBytes(regions)))
    .sort((a, b) => a - b);
  const spacingsMs = snapshots
    .slice(1)
    .map((one, at) => Number(one.endNs - snapshots[at]!.endNs) / 1e6);
  return {
    nrSnapshots: snapshots.length,
    kdamondPids: [...new Set(snapshots.map(({ kdamondPid }) => kdamondPid))],
    targetIds: [...new Set(snapshots.map(({ targetId }) => targetId))],
    minRegions: Math.min(...snapshots.map(({ regions }) => regions.count)),
    minSpacingMs: Math.min(...spacingsMs),
    medianWssMib: wss[wss.length >> 1]! / 2 ** 20,
    lostEvents: last.lostEvents,
    spoiledSnapshots: last.spoiledSnapshots,
    malformedPages: last.malformedPages,
  };
}

const report = createReport();
const workload = spawn('/workloads/hot', ['64', '256'], { stdio: ['ignore', 'pipe', 'inherit'] });
await once(workload.stdout, 'data');
const kdamondPid = startKdamond(workload.pid!);

// What two exporters that were killed have left; somebody reads in the second one.
for (const name of ['damon-exporter-99998-1', 'damon-exporter-99999-1']) {
  mkdirSync(`${INSTANCES}/${name}`);
  writeFileSync(`${INSTANCES}/${name}/events/damon/damon_aggregated/enable`, '1');
}
mkdirSync(`${INSTANCES}/somebody`);
const held = openSync(`${INSTANCES}/damon-exporter-99999-1/trace_pipe`, 'r');
const stale = removeStaleInstances(fs);
closeSync(held);
const staleLater = removeStaleInstances(fs);

const reader = createTraceReader({ fs, clock: systemClock, pid: process.pid, bufferSizeKb: 1024 });
const instances = readdirSync(INSTANCES).sort();
const sound = await pollFor(reader, kdamondPid, { periods: 20, periodMs: 250 });
reader.close();

const small = createTraceReader({ fs, clock: systemClock, pid: process.pid, bufferSizeKb: 4 });
const lossy = await pollFor(small, kdamondPid, { periods: 6, periodMs: 900 });
small.close();

report({
  kdamondPid,
  stale,
  staleLater,
  instances: instances.map((name) =>
    name.replace(String(process.pid), 'PID').replace(/-\d+$/, '-START'),
  ),
  sound: summarize(sound.snapshots, sound.last),
  lossy: summarize(lossy.snapshots, lossy.last),
  instancesLeft: readdirSync(INSTANCES),
});
write('0/state', 'off');
workload.kill('SIGKILL');
