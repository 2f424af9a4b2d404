import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DAMO_SUITES, createDamoPeer, findDamoObstacle } from '../peers/damo.ts';
import type { DamoPeer, DamoSuite } from '../peers/damo.ts';
import { printDamoRaw, printDamoWss, runDamoReport } from '../peers/damoReports.ts';
import { createRandom } from '../../src/base/random.ts';
import { createDamoJsonWriter } from '../../src/record/damoJson/damoJsonWriter.ts';
import type { RecordedSnapshot } from '../../src/record/recording.ts';
import { generateSnapshots, writeSnapshots } from '../support/generateRecord.ts';
import type { GeneratedRecordOptions } from '../support/generateRecord.ts';
import { runProgram } from './program.ts';

/**
 * The same reports from the same files, of Debian's damo and of ours. What is left out, because
 * damo is wrong there (the right answers are in test/report):
 *
 * - heat of records with ages: damo counts observations several times
 * - records with intervals and without ages: damo ends in a traceback
 * - heat of cells that were observed in part: damo counts the rest as zero
 * - time ranges that begin inside the record: damo prints negative heat, or wraps around
 * - WSS of several targets together: damo adds sorted lists up
 * - a work time of several snapshots whose regions differ: damo counts accesses to a part of a
 *   region for all of it
 * - the guide of a record whose gaps move: damo cuts what is monitored where a gap once began
 */

const obstacle = findDamoObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped, ${obstacle}\n`);

const RECORDS = {
  noise: { nrSnapshots: 60, nrRegions: 40, shape: 'noise', seed: 11 },
  staircase: { nrSnapshots: 80, nrRegions: 25, shape: 'staircase', seed: 12 },
  phases: { nrSnapshots: 70, nrRegions: 10, shape: 'phases', seed: 13 },
  constant: { nrSnapshots: 30, nrRegions: 106, shape: 'constant', seed: 14 },
  idle: { nrSnapshots: 25, nrRegions: 7, shape: 'idle', seed: 15 },
  targets: { nrSnapshots: 40, nrRegions: 12, shape: 'noise', seed: 16, nrTargets: 3 },
  pointer: { nrSnapshots: 22, nrRegions: 5, seed: 17, targetId: 18_446_623_440_000_000_123n },
  unknown: { nrSnapshots: 30, nrRegions: 9, seed: 18, hasAges: false, intervals: undefined },
  irregular: { nrSnapshots: 45, nrRegions: 30, seed: 19 },
  sparse: { nrSnapshots: 35, nrRegions: 60, seed: 20 },
  still: { nrSnapshots: 90, nrRegions: 15, seed: 23 },
} as const satisfies Record<string, GeneratedRecordOptions>;
type RecordName = keyof typeof RECORDS;

const NAMES = Object.keys(RECORDS) as RecordName[];
/** What heat is compared for: each region as if it had just changed. */
const HEAT_NAMES: readonly RecordName[] = ['phases', 'constant', 'unknown'];
const GUIDE_NAMES = NAMES.filter((name) => name !== 'sparse');
/** The area that generated records monitor all the time: 400,000 pages. */
const AREA = [0x7f31_0000_0000, 0x7f31_0000_0000 + 400_000 * 4096] as const;

/** What the generator's records have not. */
const CHANGES: Partial<Record<RecordName, ChangeSnapshots>> = {
  phases: withoutAges,
  constant: withoutAges,
  irregular: withIrregularIntervals,
  sparse: withHoles,
  still: withSameRegions,
};
type ChangeSnapshots = (snapshots: Iterable<RecordedSnapshot>) => Iterable<RecordedSnapshot>;

async function writeRecord(path: string, name: RecordName): Promise<void> {
  const writer = await createDamoJsonWriter({ path, isCompressed: true, mode: 0o644 });
  const snapshots = generateSnapshots(RECORDS[name]);
  await writeSnapshots(writer, CHANGES[name]?.(snapshots) ?? snapshots);
}

/** Ages of zero: damo ends in a traceback for a record with intervals and without ages. */
function* withoutAges(snapshots: Iterable<RecordedSnapshot>): Generator<RecordedSnapshot> {
  for (const snapshot of snapshots) {
    const { regions } = snapshot;
    yield { ...snapshot, regions: { ...regions, ageIntervals: new Uint32Array(regions.count) } };
  }
}

/** Snapshots of 10 ms to 1.2 s, and times without any between them. */
function* withIrregularIntervals(
  snapshots: Iterable<RecordedSnapshot>,
): Generator<RecordedSnapshot> {
  const random = createRandom(21);
  let startNs = 7_000_000_000n;
  for (const snapshot of snapshots) {
    const endNs = startNs + BigInt(10_000_000 + random.below(1_200_000_000));
    yield { ...snapshot, startNs, endNs };
    startNs = endNs + BigInt(random.below(3) === 0 ? 1_000_000 + random.below(2_000_000_000) : 0);
  }
}

/** A third of the regions left out, others each time; the rest far above, up to the last page. */
function* withHoles(snapshots: Iterable<RecordedSnapshot>): Generator<RecordedSnapshot> {
  const random = createRandom(22);
  const shift = 0xffff_8000_0000_0000n;
  for (const snapshot of snapshots) {
    const { regions } = snapshot;
    const kept = [...regions.startAddr.keys()].filter(() => random.below(3) > 0);
    const columns = {
      count: kept.length,
      startAddr: BigUint64Array.from(kept, (index) => regions.startAddr[index]! + shift),
      endAddr: BigUint64Array.from(kept, (index) => regions.endAddr[index]! + shift),
      nrAccesses: Uint32Array.from(kept, (index) => regions.nrAccesses[index]!),
      ageIntervals: Uint32Array.from(kept, (index) => regions.ageIntervals[index]!),
    };
    yield { ...snapshot, regions: { ...regions, ...columns } };
  }
}

function* withSameRegions(snapshots: Iterable<RecordedSnapshot>): Generator<RecordedSnapshot> {
  let first: RecordedSnapshot | undefined;
  for (const snapshot of snapshots) {
    first ??= snapshot;
    const { startAddr, endAddr } = first.regions;
    yield { ...snapshot, regions: { ...snapshot.regions, startAddr, endAddr } };
  }
}

function listCases(names: readonly RecordName[]): (readonly [DamoSuite, RecordName])[] {
  return DAMO_SUITES.flatMap((suite) => names.map((name) => [suite, name] as const));
}

describe.skipIf(obstacle !== undefined)('Debian’s damo and ours agree', () => {
  const ours = new Map<string, string>();
  let damo: DamoPeer;

  beforeAll(async () => {
    damo = createDamoPeer();
    for (const name of NAMES) await writeRecord(join(damo.dir, name), name);
  });

  afterAll(() => {
    damo.close();
  });

  function runDamo(suite: DamoSuite, ...args: readonly string[]): string {
    return runDamoReport(damo, suite, ...args);
  }

  /** The same for both versions of damo: run once. */
  function runOurs(type: string, name: RecordName, ...args: readonly string[]): string {
    const key = [type, name, ...args].join(' ');
    const known = ours.get(key);
    if (known !== undefined) return known;
    const outcome = runProgram('report', type, '-i', join(damo.dir, name), ...args);
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    ours.set(key, outcome.stdout);
    return outcome.stdout;
  }

  function expectSameWss(suite: DamoSuite, name: RecordName, options: readonly string[]): void {
    const theirs = printDamoWss(damo, suite, [name, ...options]);
    expect(runOurs('wss', name, '--per_target', ...options)).toBe(theirs);
  }

  describe.each(listCases(NAMES))('%s: %s', (suite, name) => {
    test.each([[[]], [['--raw_number']]])('raw %j, to the letter', (options) => {
      const theirs = printDamoRaw(damo, suite, [name, ...options]);
      expect(runOurs('raw', name, '--layout', 'table', ...options).trimEnd()).toBe(theirs);
    });

    test('nr_regions, to the letter', () => {
      const theirs = runDamo(suite, 'nr_regions', '-i', name);
      expect(runOurs('nr_regions', name)).toBe(theirs);
    });

    test.each([
      [[]],
      [['--sortby', 'time']],
      [['--range', '0', '101', '1']],
      [['--range', '99', '-1', '-33', '--nr_cols_bar', '17']],
      [['--exclude_samples', '0', '--acc_thres', '15']],
      [['--sz_thres', '52428800', '--raw_number']],
      [['--all_wss', '--sortby', 'time']],
      [['--all_wss', '--raw_number', '-t', '3']],
    ])('wss %j, to the letter', (options) => {
      expectSameWss(suite, name, options);
    });
  });

  test.each(DAMO_SUITES)('%s: wss of several snapshots at once, to the letter', (suite) => {
    expectSameWss(suite, 'still', ['--work_time', '450000', '--acc_thres', '9']);
  });

  /** The end of the time, and the regions' addresses; damo has two ways of writing them. */
  function readGuide(text: string): readonly string[] {
    const ends = [...text.matchAll(/^time: \[?\d+[-, ]+(\d+)/gm)].map((match) => match[1]!);
    const regions = [...text.matchAll(/^region\t *\d+: \[?0*(\d+)[-, ]+0*(\d+)/gm)].map((match) =>
      match.slice(1).join('-'),
    );
    return [...ends, ...regions];
  }

  test.each(listCases(GUIDE_NAMES))('%s: the guide of %s', (suite, name) => {
    const guide = readGuide(runOurs('heats', name, '--guide'));
    expect(guide.length).toBeGreaterThan(3);
    expect(guide).toEqual(readGuide(runDamo(suite, 'heatmap', '-i', name, '--guide')));
  });

  /** damo rounds after each observation it adds, ours once for each cell. */
  function expectSameHeat(actual: string, expected: string): void {
    const read = (text: string): number[][] =>
      text
        .trim()
        .split('\n')
        .map((line) => line.split('\t').map(Number));
    const [left, right] = [read(actual), read(expected)];
    expect(left.map((cell) => cell.slice(0, 2))).toEqual(right.map((cell) => cell.slice(0, 2)));
    for (const [index, cell] of left.entries()) {
      expect(Math.abs(cell[2]! - right[index]![2]!)).toBeLessThanOrEqual(1e-11 * cell[2]!);
    }
  }

  describe.each(listCases(HEAT_NAMES))('%s: heats of %s', (suite, name) => {
    test.each([
      ['1', '1'],
      ['3', '3'],
      ['40', '80'],
      ['500', '7'],
    ])('%s x %s cells, to 11 digits', (nrTimes, nrAddresses) => {
      const [start, end] = readTime(runOurs('heats', name, '--guide', '--json'));
      const ranges = [
        ...['--time_range', start, end],
        ...['--address_range', ...AREA.map(String)],
        ...['--resol', nrTimes, nrAddresses],
      ];
      // damo counts samples up to 2.x.
      const unit = suite === 'trixie' || name === 'unknown' ? 'samples' : 'hz';
      const actual = runOurs('heats', name, '--unit', unit, ...ranges);
      expectSameHeat(actual, runDamo(suite, 'heatmap', '-i', name, '--output', 'raw', ...ranges));
    });
  });
});

function readTime(guideJson: string): [string, string] {
  const [guide] = JSON.parse(guideJson) as { time: { start_ns: string; end_ns: string } }[];
  return [guide!.time.start_ns, guide!.time.end_ns];
}
