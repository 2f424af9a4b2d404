import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeDamoRecord } from '../support/generateRecord.ts';
import { runProgram } from './program.ts';
import type { Outcome } from './program.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-errors-'));
const inDir = (name: string): string => join(dir, name);
const record = inDir('damon.data');

beforeAll(async () => {
  await writeDamoRecord(record, { nrSnapshots: 25, nrRegions: 8, shape: 'noise' });
  writeFileSync(inDir('empty.data'), '');
  writeFileSync(inDir('text.data'), 'nothing that was recorded\n');
  writeFileSync(inDir('binary.data'), Buffer.from('8f1e7c0d'.repeat(100), 'hex'));
  writeFileSync(inDir('bare.data'), '[]');
  writeFileSync(inDir('cut.data'), readFileSync(record).subarray(0, 1000));
  writeFileSync(inDir('file'), '');
  mkdirSync(inDir('folder.png'));
});

afterAll(() => {
  rmSync(dir, { recursive: true });
});

/** One sentence on stderr, nothing on stdout. */
function expectRefusal(outcome: Outcome, status: number, message: RegExp): void {
  expect(outcome.stderr).toMatch(/^damon-exporter: [^\n]+\n$/);
  expect(outcome.stderr).toMatch(message);
  expect({ status: outcome.status, stdout: outcome.stdout }).toEqual({ status, stdout: '' });
}

const REPORTS = ['raw', 'heats', 'wss', 'sizing', 'record-info', 'nr_regions', 'access', 'html'];

describe.each(REPORTS)('report %s refuses in one sentence', (report) => {
  test.each([
    ['absent.data', /open .*absent\.data: ENOENT: there is no such file/],
    ['file/damon.data', /ENOTDIR: a part of the path is no directory/],
    ['folder.png', /it is a directory, expected a record/],
    ['empty.data', /the file is empty, expected a record/],
    ['text.data', /expected a record, but it looks like text, beginning "nothing/],
    ['binary.data', /expected a record, but it holds unknown binary data beginning with 8f 1e/],
    ['bare.data', /report on .*bare\.data: found no snapshot$/m],
  ])('%s', (name, message) => {
    const output = report === 'html' ? ['-o', inDir('page.html')] : [];
    expectRefusal(runProgram('report', report, '-i', inDir(name), ...output), 5, message);
    expect(existsSync(inDir('page.html'))).toBe(false);
  });
});

describe('what does not exist in the record', () => {
  const nothing = /found no (snapshot|region) .*; "report heats --guide" shows what there is/;

  test.each([
    [['raw', '--time_range', '1s', '2s']],
    [['raw', '--address_range', '0', '4096']],
    [['raw', '--duration', '1000', '2000']],
    [['heats', '--time_range', '1s', '2s']],
    [['heats', '--address_range', '0', '4096']],
    [['heats', '--tid', '77']],
    [['wss', '--time_range', '1s', '2s']],
    [['wss', '--tid', '77']],
    [['sizing', '--time_range', '1s', '2s']],
    [['sizing', '--address_range', '0', '4096']],
    [['nr_regions', '--kdamond_idx', '3']],
    [['access', '--time_range', '1s', '2s']],
    [['record-info', '--tid', '77']],
  ])('report %j is refused with status 5', ([report, ...args]) => {
    expectRefusal(runProgram('report', report!, '-i', record, ...args), 5, nothing);
  });
});

test('report sizing gives no advice from nothing', () => {
  const outcome = runProgram('report', 'sizing', '-i', record, '--exclude_samples', '25');
  expectRefusal(outcome, 5, /no more snapshots than the first 25 that are left out; "--exclude/);
});

describe('bad values of options', () => {
  test.each([
    [[], /no type of report given/],
    [['bogus'], /bogus/],
    [['heat'], /Did you mean heats\?/],
    [['raw', 'extra'], /Unknown argument: extra/],
    [['raw', '--bogus'], /Unknown argument: bogus/],
    [['raw', '--duration', '5', '1'], /--duration: found an end before the start/],
    [['raw', '--duration', 'x', '1'], /--duration: found "x", expected a time/],
    [['raw', '--layout', 'wide'], /layout.*"seed", "table"/],
    [['raw', '--json', '--csv'], /json and csv are mutually exclusive/],
    [['heats', '--resol', '0', '5'], /--resol: found "0", expected a whole number of at least 1/],
    [['heats', '--resol', '5'], /Not enough arguments following: resol/],
    [['heats', '--resol', '99999', '99999'], /expected at most \d+ cells/],
    [['heats', '--time_range', '5', '1'], /--time_range: found 5 to 1, expected an end after/],
    [['heats', '--address_range', '-5', '1'], /--address_range: found "-5", expected a size/],
    [['heats', '--time_base', 'guided'], /--time_base: found no --time_range/],
    [['heats', '--heatmap', 'heat'], /draw heat: found no ending, expected .*\.png, \.svg, \.pdf/],
    [['heats', '--heatmap', 'heat.gif'], /found "\.gif"/],
    [['heats', '--heatmap', 'heat.png', '--json'], /--heatmap and --json exclude each other/],
    [['heats', '--heatmap', 'heat.png', '--picture_size', 'A4'], /expected WIDTHxHEIGHT/],
    [['heats', '--guide', '--csv'], /--guide and --csv exclude each other/],
    [['wss', '--range', '0', '101', '0'], /--range: found "0 101 0"/],
    [['wss', '--range', '0', '201', '50'], /--range: found percentile 150, expected 0 to 100/],
    [['wss', '--exclude_samples', '-1'], /--exclude_samples: found "-1"/],
    [['wss', '--acc_thres', 'some'], /--acc_thres: found "some"/],
    [['wss', '--sz_thres', '4k'], /--sz_thres: found "4k" \(did you mean "K"\?/],
    [['wss', '--work_time', '5 parsec'], /--work_time: found "5 parsec", expected a time/],
    [['wss', '--nr_cols_bar', '1e9'], /--nr_cols_bar: found "1e9"/],
    [['wss', '--sortby', 'name'], /sortby.*"size", "time"/],
    [['wss', '--plot', 'wss.bmp'], /found "\.bmp"/],
    [['sizing', '--headroom', '-5%'], /--headroom: found "-5%", expected a share/],
    [['sizing', '--headroom', 'much'], /--headroom: found "much", expected a share/],
    [['sizing', '--headroom', '1001%'], /--headroom: found "1001%", expected 0 to 1000%/],
    [['sizing', '--headroom'], /Not enough arguments following: headroom/],
    [['sizing', '--idle', ''], /--idle: found "", expected a time/],
    [['sizing', '--idle', '2m,30s'], /--idle: found "2m,30s", expected each value above/],
    [['sizing', '--idle', '0'], /--idle: found "0", expected 1 ms to 366 days/],
    [['sizing', '--acc_thres', '1.5'], /--acc_thres: found "1\.5"/],
    [['sizing', '--exclude_samples', 'all'], /--exclude_samples: found "all"/],
    [['sizing', '--json', '--csv'], /json and csv are mutually exclusive/],
    [['sizing', '--idle', '1m', '--idle', '2m'], /--idle is given more than once/],
    [['access', '--style', 'loud'], /style.*"detailed"/],
  ] as const)('report %j is refused with status 2', (args, message) => {
    expectRefusal(runProgram('report', ...args), 2, message);
  });
});

describe('what cannot be written', () => {
  test.each([
    [['heats', '--heatmap', inDir('absent/heat.png')], 5, /the folder does not exist/],
    [['heats', '--heatmap', inDir('file/heat.svg')], 5, /a part of the path is not a folder/],
    [
      ['wss', '--plot', inDir('folder.png')],
      5,
      /folder\.png: found a directory, which is not replaced/,
    ],
    [['wss', '--plot', inDir('wss.png'), '--exclude_samples', '30'], 5, /no more snapshots than/],
    [['wss', '--plot', inDir('wss.png'), '--work_time', '1h'], 5, /shorter than --work_time 1h/],
    [['html', '-o', dir], 5, /found a directory, which is not replaced; name a file/],
  ] as const)('report %j is refused with status %i', ([report, ...args], status, message) => {
    expectRefusal(runProgram('report', report, '-i', record, ...args), status, message);
    expect(existsSync(inDir('wss.png'))).toBe(false);
  });

  /** Through a shell, to say where standard output goes. */
  function runShell(command: string): Outcome {
    const script = `report() { "${process.execPath}" dist/cli/main.js report "$@" -i "${record}"; }; ${command}`;
    const { status, stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  test.each(['raw', 'raw --csv', 'raw --json', 'heats', 'heats --json', 'html -o stdout'])(
    'report %s ends silently with status 0 when its reader goes away',
    (report) => {
      const outcome = runShell(`report ${report} | head -c 1 >/dev/null; echo $PIPESTATUS`);
      expect(outcome).toEqual({ status: 0, stdout: '0\n', stderr: '' });
    },
  );

  test.each(['raw', 'heats', 'wss', 'html -o stdout'])('report %s to a full disk', (report) => {
    expectRefusal(runShell(`report ${report} >/dev/full`), 1, /write the output: ENOSPC/);
  });
});

test('a record cut short is reported as far as it goes, with a warning', () => {
  const { status, stdout, stderr } = runProgram('report', 'raw', '-i', inDir('cut.data'));
  expect(status).toBe(0);
  expect(stdout).toMatch(/^base_time_absolute: /);
  expect(stderr).toMatch(/^damon-exporter: warning: .*cut\.data at byte 1000: [^\n]+\n$/);
});

const isRoot = process.getuid?.() === 0;

describe('without permission', () => {
  const path = inDir('private.data');
  const folder = inDir('closed');

  /** As somebody else where this is root, whom no permission stops. */
  function runOther(...args: readonly string[]): Outcome {
    const [program, ...before] = isRoot
      ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath]
      : [process.execPath];
    const all = [...before, 'dist/cli/main.js', 'report', ...args];
    const { status, stdout, stderr } = spawnSync(program, all, { encoding: 'utf8' });
    return { status, stdout, stderr };
  }

  beforeAll(() => {
    copyFileSync(record, path);
    chmodSync(path, isRoot ? 0o600 : 0);
    mkdirSync(folder);
    chmodSync(folder, 0o555);
    chmodSync(dir, 0o755);
  });

  test.each(REPORTS.filter((report) => report !== 'html'))(
    'report %s says who may read',
    (type) => {
      expectRefusal(runOther(type, '-i', path), 5, /EACCES: no permission; .*mostly root/);
    },
  );

  test('a picture is refused where nothing may be written', () => {
    const outcome = runOther('wss', '-i', record, '--plot', join(folder, 'wss.svg'));
    expectRefusal(outcome, 5, /wss\.svg: EACCES/);
  });
});
