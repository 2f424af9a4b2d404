import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createNodeKernelFs } from '../../src/kernel/nodeFs.ts';
import type { KernelFs } from '../../src/kernel/kernelFs.ts';

/** One line of a captured tree: directories end in `/` and have no value. */
export interface FixtureEntry {
  readonly path: string;
  readonly mode: number;
  readonly value: string;
}

/** Lines of `test/fixtures/sysfs/*.txt`: path, mode and value, separated by tabs. */
export function readFixture(name: string): FixtureEntry[] {
  return readFileSync(`test/fixtures/sysfs/${name}`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [path = '', mode = '', value = ''] = line.split('\t');
      return { path, mode: Number.parseInt(mode, 8), value: value.replaceAll('\\n', '\n') };
    });
}

/** An empty directory that goes away with the test. Never below /sys. */
export function makeTestRoot(): string {
  const root = mkdtempSync(join(tmpdir(), 'damon-exporter-'));
  if (root.startsWith('/sys')) throw new Error(`refusing to use ${root} as a root for tests`);
  onTestFinished(() => {
    rmSync(root, { recursive: true, force: true });
  });
  return root;
}

export interface FixtureKernel {
  readonly fs: KernelFs;
  /** Holds `sys`, `proc`, `trace` and `boot`. */
  readonly root: string;
}

/** Files given by their path in the kernel's trees, read through the real file system. */
export function createFixtureKernel(files: Readonly<Record<string, string>>): FixtureKernel {
  const root = makeTestRoot();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, dirname(path)), { recursive: true });
    if (path.endsWith('/')) mkdirSync(join(root, path), { recursive: true });
    else writeFileSync(join(root, path), text);
  }
  const roots = {
    sys: join(root, 'sys'),
    proc: join(root, 'proc'),
    trace: join(root, 'trace'),
    boot: join(root, 'boot'),
  };
  return { fs: createNodeKernelFs(roots), root };
}

/** A captured DAMON tree as files of `createFixtureKernel`, with the newline the kernel prints. */
export function getFixtureFiles(name: string, below: string): Record<string, string> {
  return Object.fromEntries(
    readFixture(name).map(({ path, value }) => [
      `${below}/${path}`,
      path.endsWith('/') ? '' : `${value}\n`,
    ]),
  );
}
