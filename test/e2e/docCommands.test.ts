import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRecordWriter } from '../../src/record/write/createWriter.ts';
import { listDocCommands } from '../support/docCommands.ts';
import { generateSnapshots, writeSnapshots } from '../support/generateRecord.ts';
import { until } from './program.ts';

const MAIN = resolve('dist/cli/main.js');
const { own, other } = listDocCommands();

const root = mkdtempSync(join(tmpdir(), 'damon-exporter-docs-'));
/** Where a reader would be: with records, a configuration, and this package's folders. */
const template = join(root, 'template');
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const KDAMOND = `kdamonds:
  - name: mysql
    contexts:
      - ops: vaddr
        targets:
          - process: { name: mysqld }
`;
const OLD_SCHEME = '# size rate age action\n4K max 0 0 2m max pageout\n';

beforeAll(async () => {
  mkdirSync(template);
  for (const folder of ['config', 'packaging'])
    cpSync(folder, join(template, folder), { recursive: true });
  // More than a day, in snapshots of ten seconds each.
  const shape = {
    nrSnapshots: 9_000,
    nrRegions: 20,
    intervals: {
      sampleIntervalUs: 500_000,
      aggrIntervalUs: 10_000_000,
      updateIntervalUs: 60_000_000,
      goal: undefined,
    },
  };
  const writer = await createRecordWriter({
    path: join(template, 'damon.data'),
    format: 'damon-exporter',
    clockBase: undefined,
  });
  await writeSnapshots(writer, generateSnapshots(shape));
  for (const name of ['day', 'mysqld', 'old', 'sim']) {
    cpSync(join(template, 'damon.data'), join(template, `${name}.data`));
  }
  for (const name of ['damon.yaml', 'reclaim.yaml']) writeFileSync(join(template, name), KDAMOND);
  writeFileSync(join(template, 'old.damos'), OLD_SCHEME);
  const kdamonds = run(template, ['fmt_json', '--damos_action', 'stat', '1']);
  writeFileSync(join(template, 'kdamonds.json'), kdamonds.stdout);
});

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(dir: string, words: readonly string[]): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...words], {
    cwd: dir,
    encoding: 'utf8',
    timeout: 60_000,
  });
  return { status, stdout, stderr };
}

/** Serves until it says so, then ends it. */
async function serve(dir: string, words: readonly string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: dir,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  try {
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`it ended:\n${stderr}`);
      return Promise.resolve(stderr.includes('msg=serving') ? true : undefined);
    }, 'it serves');
  } finally {
    child.kill('SIGTERM');
  }
  const [status] = (await ended) as [number | null];
  return { status, stdout: '', stderr };
}

/** A copy of the template for one command, so that their order does not matter. */
function prepareDir(): string {
  const dir = mkdtempSync(join(root, 'reader-'));
  cpSync(template, dir, { recursive: true });
  return dir;
}

/**
 * A process of the simulated kernel in place of one of the reader's, or of a command, which that runs
 * none of; and this folder in place of /var/lib.
 */
function settle(dir: string, words: readonly string[]): string[] {
  return words.map((word) =>
    ['4242', 'sleep 5'].includes(word) ? '815' : word.replace(/^\/var\/lib\/damon-exporter/, dir),
  );
}

const SIMULATED = ['--source', 'simulator'];
/** Nothing runs there yet: a kdamond can be started. */
const IDLE = ['--simulator.scene', 'idle'];
/** What a command needs to be run here: a simulated kernel, or that it writes to none. */
const ADDED: Readonly<Record<string, readonly string[]>> = {
  record: SIMULATED,
  schemes: [...SIMULATED, ...IDLE, '--dry-run'],
  plan: ['--kernel', '7.2'],
  apply: ['--dry-run'],
  stop: ['--dry-run'],
};

/** A record ends by itself: after a second, whatever the page says. */
function shorten([command = '', ...rest]: readonly string[]): string[] {
  if (command !== 'record') return [command, ...rest];
  const at = rest.indexOf('--timeout');
  const words = at < 0 ? rest : rest.toSpliced(at, 2);
  return [command, ...words, '--timeout', '1'];
}

describe('what the documentation says to type', () => {
  test('is found', () => {
    expect(own.length).toBeGreaterThan(60);
  });

  test.each(own.map(({ place, text, words }) => ({ place, text, words })))(
    '$place: $text',
    async ({ words }) => {
      const dir = prepareDir();
      const [command = ''] = words;
      const settled = shorten(settle(dir, words)).filter((word) => word !== '--live');
      if (words.includes('--live')) settled.push('--live', ...SIMULATED);
      const isSimulated = settled.includes('--source');
      const starts = /paddr|815|--config\.file/.test(settled.join(' '));
      if (command === 'serve') {
        const hasState = settled.includes('--state.file');
        const state = hasState ? [] : ['--state.file', join(dir, 'state.json')];
        const added = isSimulated ? [] : [...SIMULATED, ...(starts ? IDLE : []), ...state];
        const web = ['--web.listen-address', '127.0.0.1:0'];
        const { status, stderr } = await serve(dir, [...settled, ...added, ...web]);
        expect([status, /^\s+at .*/m.exec(stderr)]).toEqual([0, null]);
        return;
      }
      const added = isSimulated ? [] : (ADDED[command] ?? []);
      const idle = command === 'record' && starts ? IDLE : [];
      const { status, stderr } = run(dir, [...settled, ...added, ...idle]);
      // These look at this machine, whatever it has: 4 says that DAMON is not there.
      const allowed = ['status', 'doctor', 'apply', 'stop'].includes(command) ? [0, 4] : [0];
      expect({ isAllowed: allowed.includes(status ?? -1), status, stderr }).toMatchObject({
        isAllowed: true,
      });
      expect(stderr).not.toMatch(/^\s+at /m);
    },
  );

  test.runIf(process.geteuid?.() === 0)('gives one capability and no way to another', () => {
    const wrappers = own.flatMap(
      ({ text }) => /^sudo (setpriv .*?) damon-exporter /.exec(text)?.[1] ?? [],
    );
    const held = wrappers.map((wrapper) => {
      const [file = '', ...words] = wrapper.split(' ');
      const shown = ['grep', '-E', '^(Uid|Groups|CapEff|CapBnd|NoNewPrivs)', '/proc/self/status'];
      return execFileSync(file, [...words, ...shown], { encoding: 'utf8' })
        .split(/\s+/)
        .join(' ');
    });
    const describeHeld = (mask: string): string =>
      `Uid: 65534 65534 65534 65534 Groups: CapEff: ${mask} CapBnd: ${mask} NoNewPrivs: 1 `;
    expect(held).toEqual(['0000000000000004', '0000000000000002'].map(describeHeld));
  });

  test('names files of this package that are there, and scripts that it has', () => {
    const lines = other.map(({ line }) => line);
    const paths = lines.flatMap(
      (line) => line.match(/\b(?:packaging|rules|dashboards)\/[\w./-]+/g) ?? [],
    );
    expect(paths.filter((path) => !existsSync(path))).toEqual([]);
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Readonly<Record<string, string>>;
    };
    const named = lines.flatMap((line) =>
      [...line.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name),
    );
    expect(named.length).toBeGreaterThan(1);
    expect(named.filter((name) => name === undefined || !(name in scripts))).toEqual([]);
  });

  test('of containers is taken by the program within them', () => {
    const within = other.flatMap(
      ({ line }) => /^docker run .* damon-exporter (.*)$/.exec(line)?.[1] ?? [],
    );
    expect(within.length).toBe(2);
    for (const command of within) {
      const words = command.split(' ').filter((word) => !/^--path|^\/host/.test(word));
      const { status, stderr } = run(template, [...words, '--dry-run']);
      expect([status, /^damon-exporter: .*/m.exec(stderr)]).toEqual([0, null]);
    }
  });
});
