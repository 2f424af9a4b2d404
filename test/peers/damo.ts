import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Debian's releases and the damo in them: 2.8.x and 3.x. */
export const DAMO_SUITES = ['trixie', 'sid'] as const;
export type DamoSuite = (typeof DAMO_SUITES)[number];

export interface DamoOutcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Debian's damo on files: as an unprivileged user, for it must not reach this machine's DAMON. */
export interface DamoPeer {
  /** Where tests put files for damo; the user damo runs as can write here. */
  readonly dir: string;
  /** Runs in `dir`. The caller makes files readable to all first (0644). */
  run(suite: DamoSuite, ...args: readonly string[]): DamoOutcome;
  /** The same for a script of ours beside this file, which imports damo. */
  runScript(suite: DamoSuite, script: string, ...args: readonly string[]): DamoOutcome;
  /** What `run` executes, for who measures it: to be run in `dir`. */
  buildCommand(suite: DamoSuite, ...args: readonly string[]): readonly string[];
  close(): void;
}

const NOBODY = '65534';
/** Arguments of python. */
const DAMO = ['-m', 'damo.damo'] as const;
const FETCH_SCRIPT = join(import.meta.dirname, 'fetchDamo.sh');

/** Why damo cannot be run here, or undefined; fetches it. Under CI=true there is no excuse. */
export function findDamoObstacle(): string | undefined {
  if (process.env['CI'] === 'true') return undefined;
  const missing = ['/usr/bin/python3', '/usr/bin/file', '/usr/bin/setpriv'].filter(
    (path) => !existsSync(path),
  );
  if (missing.length > 0) return `damo needs ${missing.join(', ')}`;
  const { status, stderr } = spawnSync(FETCH_SCRIPT, { encoding: 'utf8' });
  return status === 0 ? undefined : `no damo: ${stderr.trim()}`;
}

/** @throws Error when damo cannot be fetched. */
export function createDamoPeer(): DamoPeer {
  const store = execFileSync(FETCH_SCRIPT, { encoding: 'utf8' }).trim();
  const root = mkdtempSync(join(tmpdir(), 'damo-'));
  chmodSync(root, 0o755);
  // The store may lie below a private home, where an unprivileged user reads nothing.
  for (const suite of DAMO_SUITES) {
    cpSync(join(store, `damo-${suite}`), join(root, suite), { recursive: true });
  }
  const dir = mkdtempSync(join(root, 'work-'));
  chmodSync(dir, 0o777);
  const run = (suite: DamoSuite, args: readonly string[]): DamoOutcome => {
    const { status, stdout, stderr } = spawnSync('setpriv', buildArgs({ root, dir, suite }, args), {
      cwd: dir,
      encoding: 'utf8',
      maxBuffer: 2 ** 30,
    });
    return { status, stdout, stderr };
  };
  return {
    dir,
    run: (suite, ...args) => run(suite, [...DAMO, ...args]),
    runScript: (suite, script, ...args) => {
      // Like the packages: where an unprivileged user can read.
      const copy = join(root, script);
      copyFileSync(join(import.meta.dirname, script), copy);
      chmodSync(copy, 0o644);
      return run(suite, [copy, ...args]);
    },
    buildCommand: (suite, ...args) => [
      'setpriv',
      ...buildArgs({ root, dir, suite }, [...DAMO, ...args]),
    ],
    close: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

interface DamoPlace {
  readonly root: string;
  readonly dir: string;
  readonly suite: DamoSuite;
}

function buildArgs({ root, dir, suite }: DamoPlace, args: readonly string[]): readonly string[] {
  const packages = join(root, suite, 'usr/lib/python3/dist-packages');
  const user = process.getuid?.() === 0 ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`] : [];
  const groups = user.length === 0 ? [] : ['--clear-groups'];
  return [
    ...user,
    ...groups,
    'env',
    `HOME=${dir}`,
    `PYTHONPATH=${packages}`,
    'PYTHONDONTWRITEBYTECODE=1',
    // Where a test may put another `file` than this machine's.
    `PATH=${dir}/bin:/usr/bin:/bin`,
    '/usr/bin/python3',
    ...args,
  ];
}
