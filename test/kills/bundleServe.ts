import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

/**
 * `serve` on a remote kernel as one file, which starts as quickly as the built program. In a folder
 * of its own below the repository, where packages that stay packages are found.
 */
export async function bundleServe(): Promise<{ readonly dir: string; readonly program: string }> {
  mkdirSync('.cache', { recursive: true });
  const dir = mkdtempSync('.cache/kills-');
  writeFileSync(join(dir, 'package.json'), '{ "name": "damon-exporter", "version": "0.0.0" }\n');
  const program = join(dir, 'dist/killedServe.mjs');
  await build({
    entryPoints: ['test/kills/killedServe.ts'],
    outfile: program,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    logLevel: 'warning',
  });
  return { dir, program };
}
