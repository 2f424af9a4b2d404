import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { convert, runProgram } from '../e2e/program.ts';
import { DAMO_SUITES, createDamoPeer, findDamoObstacle } from '../peers/damo.ts';
import type { DamoPeer } from '../peers/damo.ts';
import { printDamoRaw, printDamoWss } from '../peers/damoReports.ts';
import { createGuests, describeCases } from './describeCases.ts';
import { RECORD_CASES } from './guest/record/recordCases.ts';
import { HOT, REGIONS, STAIRCASE } from './guest/record/truth.ts';
import type { FileReport } from './guest/report.ts';

const MIB = 2 ** 20;

const guests = createGuests({ job: 'record', timeoutSeconds: 1200 });

describeCases('record on Linux', RECORD_CASES, guests);

interface RecordInfo {
  readonly damages: number;
  readonly targets: readonly {
    readonly kdamond: string;
    readonly intervals: { readonly goal?: { readonly accessBp: number; readonly aggrs: number } };
    readonly target_name: string | null;
    readonly ranges: readonly { readonly start: string; readonly end: string }[];
  }[];
}

interface Heats {
  /** Hz by time and address. */
  readonly values: readonly (readonly (number | null)[])[];
}

interface Wss {
  readonly percentiles: readonly { readonly percentile: number; readonly wss_bytes: number }[];
}

/** What a report prints. */
function print(type: string, path: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = runProgram('report', type, '-i', path, ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

function report(type: string, path: string, ...args: readonly string[]): unknown {
  return JSON.parse(print(type, path, '--json', ...args));
}

function readInfo(path: string): RecordInfo {
  return report('record-info', path) as RecordInfo;
}

const PAGE = 4096n;

/** All System RAM in whole pages, as monitoring takes it. */
function parseSystemRam(iomem: string): { start: string; end: string }[] {
  return [...iomem.matchAll(/^([0-9a-f]+)-([0-9a-f]+) : System RAM$/gm)].map(([, first, last]) => {
    const end = BigInt(`0x${last ?? ''}`) + 1n;
    return {
      start: ((BigInt(`0x${first ?? ''}`) / PAGE) * PAGE).toString(),
      end: (((end + PAGE - 1n) / PAGE) * PAGE).toString(),
    };
  });
}

const obstacle = findDamoObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped, ${obstacle}\n`);

describe.each([
  ['6.12', 0.12],
  ['7.2', 0.05],
] as const)('records of Linux %s', (kernel, tolerance) => {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-guest-'));
  const place = (name: string): string => join(dir, name);

  beforeAll(async () => {
    for (const one of (await guests(kernel)).reports as FileReport[]) {
      if ('file' in one) writeFileSync(place(one.file), one.base64, 'base64');
    }
  });

  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  test.each([
    ['staircase', ['staircase']],
    ['hot', ['hot']],
    ['interrupted', ['sh']],
    ['hangup', ['sh']],
    ['pids', ['hot', 'hot']],
    ['fvaddr', ['hot']],
    ['paddr', [null]],
    ['ongoing', ['hot', 'hot']],
    ['killed', [null]],
  ])('that of %s is whole and names its targets', (name, targetNames) => {
    const { damages, targets } = readInfo(place(name));
    expect(targets.map(({ target_name }) => target_name)).toEqual(targetNames);
    expect(damages).toBe(0);
  });

  test('that of physical memory covers all System RAM, one of chosen addresses just those', () => {
    const readRanges = (name: string) => readInfo(place(name)).targets[0]?.ranges;
    expect(readRanges('paddr')).toEqual(parseSystemRam(readFileSync(place('iomem.txt'), 'utf8')));
    const chosen = { start: `${REGIONS.startAddr}`, end: `${REGIONS.endAddr}` };
    expect(readRanges(REGIONS.record)).toEqual([chosen]);
    expect(readRanges('fvaddr')).toEqual([chosen]);
  });

  test.runIf(kernel === '7.2')('that of DAMON_STAT says so', () => {
    const { targets } = readInfo(place('damon_stat'));
    expect(targets.map(({ kdamond }) => kdamond)).toEqual(['damon_stat']);
  });

  test.runIf(kernel === '7.2')('that of tuned intervals says so, once', () => {
    const { targets } = readInfo(place(REGIONS.record));
    expect(targets.map(({ intervals }) => intervals.goal)).toMatchObject([
      { accessBp: 400, aggrs: 3 },
    ]);
  });

  test('show the right stair hot at the right time', () => {
    const { record, nrSteps, stepMs } = STAIRCASE;
    const said = readFileSync(place('staircase.txt'), 'utf8');
    const [, start = '', end = '', began = ''] =
      /^ready ([0-9a-f]+) ([0-9a-f]+)\nbegan (\d+)\n$/.exec(said) ?? [];
    const endNs = BigInt(began) + BigInt(nrSteps * stepMs) * 1_000_000n;
    const area = [start, end].map((text) => BigInt(`0x${text}`).toString());
    const { values } = report(
      'heats',
      place(record),
      ...['--unit', 'hz', '--time_range', began, String(endNs)],
      ...['--address_range', ...area, '--resol', String(4 * nrSteps), String(nrSteps)],
    ) as Heats;
    for (let step = 0; step < nrSteps; step += 1) {
      // The middle half of its time: at its ends regions take some intervals to follow.
      for (const cells of values.slice(4 * step + 1, 4 * step + 3)) {
        const others = cells.filter((_, address) => address !== step).map(Number);
        // Of 200 Hz; on a busy machine the emulated program does not come round in each sample.
        expect(cells[step]).toBeGreaterThan(20);
        expect(cells[step]).toBeGreaterThan(5 * Math.max(...others));
      }
    }
  });

  test.each([
    [STAIRCASE.record, STAIRCASE.stepMib],
    [HOT.record, HOT.hotMib],
  ])('tell the working set of %s', (name, truthMib) => {
    const [{ percentiles }] = report('wss', place(name)) as [Wss];
    const median = percentiles.find(({ percentile }) => percentile === 50)?.wss_bytes ?? NaN;
    expect(Math.abs(median / MIB / truthMib - 1)).toBeLessThanOrEqual(tolerance);
  });

  describe.skipIf(obstacle !== undefined).each(DAMO_SUITES)('are read by damo of %s', (suite) => {
    let damo: DamoPeer;

    beforeAll(() => {
      damo = createDamoPeer();
    });

    afterAll(() => {
      damo.close();
    });

    test.each(['staircase', 'pids', 'paddr'])('as we do: %s', (name) => {
      convert(place(name), join(damo.dir, name), '--format', 'json_compressed');
      chmodSync(join(damo.dir, name), 0o644);
      const raw = print('raw', place(name), '--layout', 'table', '--raw_number').trimEnd();
      expect(raw).toBe(printDamoRaw(damo, suite, [name, '--raw_number']));
      const options = ['--exclude_samples', '0', '--raw_number'];
      const wss = print('wss', place(name), '--per_target', ...options);
      expect(wss).toBe(printDamoWss(damo, suite, [name, ...options]));
    });
  });
});
