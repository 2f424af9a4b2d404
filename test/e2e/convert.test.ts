import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeDamoRecord } from '../support/generateRecord.ts';
import type { GeneratedRecordOptions } from '../support/generateRecord.ts';
import { createTestDir } from '../support/records.ts';
import { convert, runProgram, until } from './program.ts';

const dir = createTestDir();
const input = join(dir, 'input.data');
const SHAPE = { nrSnapshots: 60, nrRegions: 12, nrTargets: 2 } as const;

beforeAll(async () => {
  await writeDamoRecord(input, SHAPE);
});

describe('a part', () => {
  const rows = (path: string): string[][] =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(','));

  test('of the time', () => {
    const output = join(dir, 'time.csv');
    convert(input, output, '--time_range', '1001s', '1002s');
    const starts = new Set(rows(output).map((row) => Number(row[5]) / 1e9));
    expect(Math.min(...starts)).toBeGreaterThan(1000.8);
    expect(Math.max(...starts)).toBeLessThan(1002);
    expect(starts.size).toBe(11);
  });

  test('of the addresses, in either spelling', () => {
    for (const option of ['--address_range', '--address-range']) {
      const output = join(dir, `${option}.csv`);
      convert(input, output, option, '0x7f3100000000', '0x7f3100400000');
      for (const row of rows(output)) {
        expect(Number(row[9])).toBeGreaterThanOrEqual(0x7f31_0000_0000);
        expect(Number(row[10])).toBeLessThanOrEqual(0x7f31_0040_0000);
      }
      expect(rows(output).length).toBeGreaterThanOrEqual(120);
    }
  });

  test('of the targets', () => {
    const output = join(dir, 'target.csv');
    convert(input, output, '--tid', '1');
    expect(new Set(rows(output).map((row) => row[3]))).toEqual(new Set(['1']));
  });

  test('aggregated, it is smaller and keeps its rates', () => {
    const output = join(dir, 'aggregated.csv');
    convert(input, output, '--aggregate_interval', '1s');
    const aggregated = rows(output);
    expect(aggregated.length).toBeLessThanOrEqual(2 * 7 * 12);
    expect(new Set(aggregated.map((row) => row[8]))).toEqual(new Set(['1000000']));
    // Accesses times bytes per second, of all; rounding and merging change a little.
    convert(input, join(dir, 'whole.csv'));
    const sum = (list: readonly string[][]): number =>
      list.reduce((total, row) => {
        const seconds = (Number(row[6]) - Number(row[5])) / 1e9;
        const hz = Number(row[11]) / (Number(row[8]) / 1e6);
        return total + hz * seconds * (Number(row[10]) - Number(row[9]));
      }, 0);
    const whole = sum(rows(join(dir, 'whole.csv')));
    expect(Math.abs(sum(aggregated) / whole - 1)).toBeLessThan(0.05);
  });
});

describe('what cannot be converted is refused in one sentence', () => {
  const existing = join(dir, 'existing');
  beforeAll(() => {
    writeFileSync(existing, 'precious');
  });

  test.each([
    [5, [join(dir, 'missing'), join(dir, 'x')], /open \S+missing: ENOENT: there is no such file/],
    [5, [dir, join(dir, 'x')], /it is a directory/],
    [5, [existing, join(dir, 'x')], /looks like text, beginning "precious"/],
    [5, [input, join(dir, 'no', 'x')], /create \S+no\/x: ENOENT: there is no such directory/],
    [5, [input, join(dir, 'x'), '--tid', '77'], /found no snapshot of target 77/],
    [5, [input, join(dir, 'x'), '--time_range', '1', '2'], /found no snapshot between/],
    [5, [input, join(dir, 'x'), '--aggregate_interval', '50ms'], /a shorter one cannot be made/],
    [2, [input, existing], /existing: it exists; choose another name, or replace it with --force/],
    [2, [input, '/dev/null'], /found a device or a pipe, expected a file/],
    [2, [input, join(dir, 'x'), '--format', 'xml'], /format/],
    [2, [input, join(dir, 'x'), '--time_range', '2', '1'], /expected an end after the start/],
    [
      2,
      [input, join(dir, 'x'), '--aggregate_interval', 'soon'],
      /--aggregate_interval: found "soon"/,
    ],
    [
      2,
      [input, join(dir, 'x'), '--aggregate_interval', 'max'],
      /--aggregate_interval: found "max"/,
    ],
    [2, [input], /Not enough|output/],
  ] as const)('with %d: %j', (expected, args, message) => {
    const { status, stdout, stderr } = runProgram('convert', ...args);
    expect(stderr).toMatch(message);
    expect(stderr).toMatch(/^damon-exporter: [^\n]*\n$/);
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(existsSync(join(dir, 'x'))).toBe(false);
    expect(readFileSync(existing, 'utf8')).toBe('precious');
  });

  test('damage is one warning, and what was intact is written', () => {
    const cut = join(dir, 'cut.data');
    const bytes = readFileSync(input);
    writeFileSync(cut, bytes.subarray(0, bytes.length / 2));
    const { status, stderr } = runProgram('convert', cut, join(dir, 'cut.csv'));
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^damon-exporter: warning: \S+cut.data at byte \d+: the zlib stream ends in the middle; read \d+ snapshots before that\n$/,
    );
    expect(readFileSync(join(dir, 'cut.csv'), 'utf8').split('\n').length).toBeGreaterThan(200);
  });
});

describe('interrupted or without space, nothing is left behind', () => {
  const place = join(dir, 'interrupted');
  const big: GeneratedRecordOptions = { nrSnapshots: 4000, nrRegions: 106 };
  const source = join(dir, 'big.data');
  beforeAll(async () => {
    mkdirSync(place);
    await writeDamoRecord(source, big);
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('%s', async (signal) => {
    const args = ['dist/cli/main.js', 'convert', source, join(place, 'out.json')];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    await until(
      () => Promise.resolve(readdirSync(place).find((name) => name.endsWith('.tmp'))),
      'it writes',
    );
    child.kill(signal);
    const [status] = (await once(child, 'close')) as [number | null];
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `damon-exporter: write ${join(place, 'out.json')}: interrupted; nothing of it was kept\n`,
    });
    expect(readdirSync(place)).toEqual([]);
  });

  test.each(['json', 'json_compressed', 'csv', 'damon-exporter'])(
    'a file that may not grow: %s',
    (format) => {
      // The shell ignores the signal a too large file raises; the error remains.
      const script = `trap '' XFSZ; ulimit -f 200; exec "$0" dist/cli/main.js convert "$1" "$2" --format ${format}`;
      const output = join(place, 'out');
      const { status, stderr } = spawnSync(
        'bash',
        ['-c', script, process.execPath, source, output],
        { encoding: 'utf8' },
      );
      expect(stderr).toMatch(/^damon-exporter: write \S+: [^\n]*EFBIG[^\n]*\n$/);
      expect(status).toBe(5);
      expect(readdirSync(place)).toEqual([]);
    },
  );
});
