import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../src/base/random.ts';
import type { Random } from '../../src/base/random.ts';
import { createSimulatedClock } from '../../src/simulator/simulatedClock.ts';
import { createSimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import type { SimulatedKernel } from '../../src/simulator/simulatedKernel.ts';
import { createHotCold } from '../../src/simulator/workload.ts';
import { stage } from '../support/simulation.ts';
import { readDamonTree } from '../support/sysfsTree.ts';
import { bundleServe } from './bundleServe.ts';
import { startExporterProcess } from './exporterProcess.ts';
import type { ExporterFiles, ExporterProcess } from './exporterProcess.ts';
import { createRecordJudge } from './judgeRecord.ts';

export interface KillsOptions {
  readonly version: string;
  readonly seed: number;
  readonly nrKills: number;
  readonly onKill?: (nth: number) => void;
}

export interface KillsOutcome {
  readonly nrKills: number;
  /** Killed between two changes of the kernel, counted; the others at a random time. */
  readonly nrAtChange: number;
  /** Killed before they served: while they cleaned up or began. */
  readonly nrBeforeServing: number;
  /** Ends in order in between, each with everything as before the first start. */
  readonly nrRestored: number;
  readonly nrKept: number;
  readonly nrSegments: number;
  readonly nrSnapshots: number;
  readonly nrTorn: number;
}

/** How often an exporter is not killed. */
const ONE_IN = 8;
const MOST_CHANGES = 100;
const LATEST_KILL_MS = 2500;
/** Seconds of the kernel in one of ours: there is more to record. */
const SPEED = 4;
const NR_REMEMBERED = 12;
const INSTANCES = 'trace/instances';

/** Configurations that are gone over to from start to start. */
function writeConfig(path: string, random: Random, onExit: 'restore' | 'keep'): number {
  const makeKdamond = (name: string) => ({
    name,
    contexts: [
      {
        ops: 'vaddr',
        targets: [{ process: { name } }],
        schemes: [
          { name: 'observe' },
          { name: 'cold', access_pattern: { age: { min: '1 s', max: 'max' } } },
        ],
      },
    ],
  });
  const names = random.below(2) === 0 ? ['database'] : ['database', 'cache'];
  const kdamonds = names.map(makeKdamond);
  writeFileSync(path, JSON.stringify({ on_exit: onExit, kdamonds }));
  return kdamonds.length;
}

/** Of DAMON_STAT only whether it runs: it gets another thread, and the rest is what it has seen. */
function readState({ fs }: SimulatedKernel): [string, string][] {
  return [...readDamonTree(fs)].filter(
    ([path]) => !path.includes('/damon_stat/') || path.endsWith('/enabled'),
  );
}

/** Nothing is there but what this exporter says it has made. */
function checkOnlyOwn(
  { fs }: SimulatedKernel,
  exporter: ExporterProcess,
  nrKdamonds: number,
): void {
  const log = exporter.readStderr();
  const names = fs.list(INSTANCES);
  assert.ok(names.length <= 1, `${names.join()}\n${log}`);
  for (const name of names) assert.match(name, new RegExp(`^damon-exporter-${exporter.pid}-`));
  const kdamonds = 'sys/kernel/mm/damon/admin/kdamonds';
  assert.equal(fs.readText(`${kdamonds}/nr_kdamonds`), `${nrKdamonds}\n`, log);
  for (let index = 0; index < nrKdamonds; index += 1) {
    assert.equal(fs.readText(`${kdamonds}/${index}/state`), 'on\n', log);
  }
}

function checkFiles(dir: string, isKept: boolean): void {
  const others = readdirSync(dir).filter((name) => !/^damon\.(?:yaml|data\.\d{6})$/.test(name));
  // A lock's guard is looked at when one is taken over the next time, an empty claim after a minute.
  const isWaiting = (name: string): boolean =>
    name.endsWith('.lock.takeover') ||
    (/\.lock\.\d+$/.test(name) && statSync(join(dir, name)).size === 0);
  assert.deepEqual(
    others.filter((name) => !isWaiting(name)),
    isKept ? ['state.json'] : [],
  );
}

function makeMachine(version: string): SimulatedKernel {
  const kernel = createSimulatedKernel({
    version,
    seed: 1,
    clock: createSimulatedClock({ speed: SPEED }),
    workloads: [createHotCold('database', 8, 24), createHotCold('cache', 4, 12)],
  });
  // What is there where DAMON_STAT is not: somebody's kdamond, staged and stopped.
  if (version === '6.12') stage(kernel, { 'contexts/0/schemes/0/action': 'cold' });
  return kernel;
}

/**
 * Exporters that follow one another on one kernel, most of them killed at a random moment.
 *
 * @throws AssertionError at the first that finds, or leaves, what should not be there.
 */
export async function runKills(options: KillsOptions): Promise<KillsOutcome> {
  const { version, seed, nrKills, onKill } = options;
  const { dir: programDir, program } = await bundleServe();
  const random = createRandom(seed);
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-kills-'));
  const files: ExporterFiles = {
    config: join(dir, 'damon.yaml'),
    state: join(dir, 'state.json'),
    record: join(dir, 'damon.data'),
  };
  const kernel = makeMachine(version);
  const before = readState(kernel);
  const judge = createRecordJudge(files.record);
  const count = { nrKills: 0, nrAtChange: 0, nrBeforeServing: 0, nrRestored: 0, nrKept: 0 };

  /** What the last ones said, for whoever has to find out what went wrong. */
  const history: string[] = [];
  const note = (end: string, exporter: ExporterProcess): void => {
    history.push(`${end} after ${exporter.nrChanges()} changes:\n${exporter.readStderr()}`);
    history.splice(0, history.length - NR_REMEMBERED);
  };

  const endInOrder = async (onExit: 'restore' | 'keep'): Promise<void> => {
    const nrKdamonds = writeConfig(files.config, random, onExit);
    const exporter = startExporterProcess(kernel, { program, files, lastChange: Infinity });
    await exporter.serving;
    checkOnlyOwn(kernel, exporter, nrKdamonds);
    exporter.kill('SIGTERM');
    assert.equal(await exporter.ended, 0, exporter.readStderr());
    note(onExit, exporter);
    assert.deepEqual(kernel.fs.list(INSTANCES), []);
    checkFiles(dir, onExit === 'keep');
    if (onExit === 'restore') assert.deepEqual(readState(kernel), before);
    count[onExit === 'restore' ? 'nrRestored' : 'nrKept'] += 1;
  };
  const killOne = async (): Promise<void> => {
    const nrKdamonds = writeConfig(files.config, random, 'restore');
    const isAtChange = random.below(2) === 0;
    const lastChange = isAtChange ? 1 + random.below(MOST_CHANGES) : Infinity;
    const exporter = startExporterProcess(kernel, { program, files, lastChange });
    let hasServed = false;
    const kill = async (): Promise<void> => {
      await sleep(random.below(LATEST_KILL_MS));
      exporter.kill('SIGKILL');
    };
    const killed = isAtChange ? exporter.serving.then(kill) : kill();
    await exporter.serving;
    if (exporter.readStderr().includes('msg=serving')) {
      hasServed = true;
      checkOnlyOwn(kernel, exporter, nrKdamonds);
    }
    await killed;
    assert.equal(await exporter.ended, null, exporter.readStderr());
    note('killed', exporter);
    count.nrKills += 1;
    if (isAtChange && exporter.nrChanges() === lastChange) count.nrAtChange += 1;
    if (!hasServed) count.nrBeforeServing += 1;
    onKill?.(count.nrKills);
  };
  try {
    while (count.nrKills < nrKills) {
      if (random.below(ONE_IN) === 0) await endInOrder(random.below(2) === 0 ? 'keep' : 'restore');
      else await killOne();
      await judge.look();
    }
    await endInOrder('restore');
    await judge.look();
    assert.equal(existsSync(files.state), false);
    const { nrSegments, nrSnapshots, nrTorn } = judge;
    return { ...count, nrSegments, nrSnapshots, nrTorn };
  } catch (error) {
    throw new Error(`what happened before:\n${history.join('\n')}`, { cause: error });
  } finally {
    for (const one of [dir, programDir]) rmSync(one, { recursive: true });
  }
}
