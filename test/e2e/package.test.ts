import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listPackages } from './packaging/listPackages.ts';
import { serveProgram } from './packaging/serveProgram.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-packaging-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

function measureMb(folder: string): number {
  return Number(execFileSync('du', ['-sk', folder], { encoding: 'utf8' }).split('\t')[0]) / 1024;
}

describe('the package', () => {
  let tarball = '';
  let files: readonly string[] = [];
  beforeAll(() => {
    const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', dir];
    const [packed] = JSON.parse(
      execFileSync('npm', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as { filename: string; files: { path: string }[] }[];
    tarball = join(dir, packed?.filename ?? '');
    files = packed?.files.map(({ path }) => path) ?? [];
  });

  /** @returns the folder it was installed in, as anybody installs it. */
  function install(name: string, ...options: readonly string[]): string {
    const folder = join(dir, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', ...options, tarball], {
      cwd: folder,
      stdio: 'pipe',
    });
    return folder;
  }

  test('holds what its documentation speaks of, and nothing to build or test with', () => {
    const folders = new Set(files.map((path) => path.split('/')[0]));
    expect([...folders].sort()).toEqual([
      'CHANGELOG.md',
      'LICENSE',
      'README.md',
      'config',
      'dashboards',
      'dist',
      'docs',
      'man',
      'package.json',
      'packaging',
      'rules',
      'src',
    ]);
    expect(files.filter((path) => path.startsWith('src/'))).toEqual(['src/record/FORMAT.md']);
    expect(files.filter((path) => /\.(map|ts|tsbuildinfo)$/.test(path))).toEqual([]);
    const links = files
      .filter((path) => /^(README|docs\/.*)\.md$/.test(path))
      .flatMap((path) => {
        const text = readFileSync(path, 'utf8');
        return [...text.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map(([, link = '']) =>
          join(dirname(path), link),
        );
      });
    const missing = links.filter(
      (link) =>
        !files.some((path) => path === link || path.startsWith(`${link.replace(/\/$/, '')}/`)),
    );
    // What is about working on the program is read where its source is.
    expect([...new Set(missing)]).toEqual(['ARCHITECTURE.md']);
  });

  test('installs as both commands, in no more packages and megabytes than docs/install.md says', async () => {
    const folder = install('whole');
    const bin = join(folder, 'node_modules/.bin');
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    for (const name of ['damon-exporter', 'exporter']) {
      const printed = execFileSync(join(bin, name), ['--version'], { encoding: 'utf8' });
      expect(printed).toBe(`${version}\n`);
    }
    const served = await serveProgram([join(bin, 'damon-exporter')]);
    expect(served.metrics).toContain('damon_wss_bytes{');
    expect(served.status).toBe(0);

    const slim = install('slim', '--omit=optional');
    const sizes = [folder, slim].map((where) => ({
      packages: listPackages(where).length,
      megabytes: Math.ceil(measureMb(join(where, 'node_modules'))),
    }));
    const told = readFileSync('docs/install.md', 'utf8');
    const stated = [...told.matchAll(/\| +(\d+) packages, (\d+) MB/g)].map(([, packages, mb]) => ({
      packages: Number(packages),
      megabytes: Number(mb),
    }));
    expect(stated).toHaveLength(2);
    for (const [index, size] of sizes.entries()) {
      expect(size.packages).toBeLessThanOrEqual(stated[index]?.packages ?? 0);
      expect(size.megabytes).toBeLessThanOrEqual(stated[index]?.megabytes ?? 0);
    }

    const main = join(slim, 'node_modules/.bin/damon-exporter');
    const slimServed = await serveProgram([main]);
    expect(slimServed.metrics).toContain('damon_wss_bytes{');
    const push = ['serve', '--source', 'simulator', '--web.listen-address', 'none'];
    const { status, stderr } = spawnSync(main, [...push, '--otlp.endpoint', 'http://127.0.0.1:9'], {
      encoding: 'utf8',
      timeout: 30_000,
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /push by OTLP: the optional packages .* could not be loaded.*--omit=optional/,
    );
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('has a man page that groff finds nothing wrong with', () => {
    const { status, stderr } = spawnSync(
      'groff',
      ['-man', '-Tutf8', '-ww', '-rCHECKSTYLE=3', 'man/damon-exporter.1'],
      { encoding: 'utf8' },
    );
    expect([status, stderr]).toEqual([0, '']);
  });

  test('completes commands, options and choices in bash', () => {
    const complete = (...words: readonly string[]): string[] => {
      const script = `
        damon-exporter() { node dist/cli/main.js "$@"; }
        source <(SHELL=/bin/bash damon-exporter completion)
        COMP_WORDS=(damon-exporter ${words.map((word) => `'${word}'`).join(' ')})
        COMP_CWORD=${words.length}
        _damon-exporter_yargs_completions
        printf '%s\\n' "\${COMPREPLY[@]}"`;
      return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split('\n');
    };
    expect(complete('re')).toEqual(['record', 'report']);
    expect(complete('report', 'w')).toEqual(['wss']);
    expect(complete('serve', '--web.l')).toContain('--web.listen-address');
    expect(complete('serve', '--source', 'tr')).toEqual(['trace']);
  });
});
