import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DAMO_SUITES, createDamoPeer, findDamoObstacle } from '../test/peers/damo.ts';
import type { DamoPeer, DamoSuite } from '../test/peers/damo.ts';
import type { BenchOptions, BenchRow } from './support/benchRow.ts';
import { measureProcess, pickBest } from './support/measureProcess.ts';
import type { ProcessCost } from './support/measureProcess.ts';
import { PROGRAM } from './support/program.ts';
import { checkDamoLayout, writeRecordPair } from './support/reportRecords.ts';
import type { RecordPair, RecordShape } from './support/reportRecords.ts';

/** Each report under our name and under damo's present ones. */
const REPORTS = {
  raw: ['access', '--raw_form'],
  heats: ['heatmap', '--output', 'raw'],
  wss: ['wss'],
} as const;
type Report = keyof typeof REPORTS;
const REPORT_NAMES = Object.keys(REPORTS) as Report[];

const FORMATS = { damo: "damo's file", own: 'our file' } as const;
type Format = keyof typeof FORMATS;

/** How many times faster than damo a report on each format must be at least, and in what memory. */
interface Goals {
  readonly timesFaster: Readonly<Record<Format, number | undefined>>;
  readonly peakMb: Readonly<Record<Format, number>>;
}

const PEAK_MB = { damo: 400, own: 150 };
/** Damo takes a second and a half: a twelfth of that is hardly more than the start of Node. */
const SHORT: Goals = { timesFaster: { damo: undefined, own: undefined }, peakMb: PEAK_MB };
/** Here that is so for the two hundredth of it. */
const MIDDLE: Goals = { timesFaster: { damo: 12, own: undefined }, peakMb: PEAK_MB };
const LONG: Goals = { timesFaster: { damo: 12, own: 200 }, peakMb: PEAK_MB };
const WSS_OF_MANY: Goals = { timesFaster: { damo: 150, own: 150 }, peakMb: PEAK_MB };

const FIRST_SHAPE: RecordShape = { nrSnapshots: 1000, nrRegions: 106 };
const SHAPES: readonly RecordShape[] = [
  { nrSnapshots: 5000, nrRegions: 106 },
  { nrSnapshots: 200, nrRegions: 4756 },
];
const LARGE_SHAPE: RecordShape = { nrSnapshots: 50_000, nrRegions: 106 };

function chooseGoals({ nrSnapshots, nrRegions }: RecordShape, report: Report): Goals {
  if (nrSnapshots >= LARGE_SHAPE.nrSnapshots) return LONG;
  if (nrRegions > 1000 && report === 'wss') return WSS_OF_MANY;
  return nrSnapshots * nrRegions <= FIRST_SHAPE.nrSnapshots * FIRST_SHAPE.nrRegions
    ? SHORT
    : MIDDLE;
}

/** The version of damo that is the fastest at a report. */
type Fastest = Readonly<Record<Report, DamoSuite>>;

interface Comparison {
  readonly costs: Readonly<Record<Format, ProcessCost>>;
  readonly damo: Readonly<Partial<Record<DamoSuite, ProcessCost>>>;
}

interface Bench {
  readonly dir: string;
  /** Of the program without a record. */
  readonly startSeconds: number;
  readonly damo: DamoPeer | undefined;
  readonly versions: Readonly<Partial<Record<DamoSuite, string>>>;
}

const NR_OWN_RUNS = 4;

/** Ours before and after damo, so that both meet the same noise. */
async function compare(
  { damo }: Bench,
  pair: RecordPair,
  report: Report,
  suites: readonly DamoSuite[],
): Promise<Comparison> {
  const costs: Record<Format, ProcessCost[]> = { damo: [], own: [] };
  const runOurs = async (): Promise<void> => {
    for (let run = 0; run < NR_OWN_RUNS; run += 1) {
      for (const format of ['damo', 'own'] as const) {
        const command = [...PROGRAM, 'report', report, '-i', pair[format]];
        costs[format].push(await measureProcess(command));
      }
    }
  };
  const theirs: Partial<Record<DamoSuite, ProcessCost>> = {};
  await runOurs();
  if (damo !== undefined) {
    for (const suite of suites) {
      const args = ['report', ...REPORTS[report], '--input', pair.damo];
      theirs[suite] = await measureProcess(damo.buildCommand(suite, ...args), damo.dir);
    }
    await runOurs();
  }
  return { costs: { damo: pickBest(costs.damo), own: pickBest(costs.own) }, damo: theirs };
}

function pickFastest(comparison: Comparison): DamoSuite {
  const seconds = (suite: DamoSuite): number => comparison.damo[suite]?.seconds ?? Infinity;
  return DAMO_SUITES.toSorted((one, other) => seconds(one) - seconds(other))[0] ?? 'trixie';
}

const MB = 1e6;

function formatShape({ nrSnapshots, nrRegions }: RecordShape): string {
  return `${nrSnapshots.toLocaleString('en')} x ${nrRegions.toLocaleString('en')}`;
}

interface Measured {
  readonly shape: RecordShape;
  readonly report: Report;
  readonly comparison: Comparison;
  readonly suite: DamoSuite;
}

function listRows({ shape, report, comparison, suite }: Measured, bench: Bench): BenchRow[] {
  const goals = chooseGoals(shape, report);
  const theirs = comparison.damo[suite];
  const peerName = `damo ${bench.versions[suite] ?? '?'}`;
  return (['damo', 'own'] as const).flatMap((format) => {
    const { seconds, peakBytes } = comparison.costs[format];
    const name = `report ${report}, ${formatShape(shape)}, ${FORMATS[format]}`;
    const timesFaster = goals.timesFaster[format];
    return [
      {
        name,
        figure: seconds,
        unit: 's',
        isTime: true,
        ...(theirs && { peer: { name: peerName, figure: theirs.seconds } }),
        ...(timesFaster === undefined
          ? {
              note: `no goal: ${bench.startSeconds.toFixed(3)} s of it is the start of the program`,
            }
          : { timesFaster }),
      },
      {
        name: `… peak memory`,
        figure: peakBytes / MB,
        unit: 'MB',
        ...(theirs && { peer: { name: peerName, figure: theirs.peakBytes / MB } }),
        goal: goals.peakMb[format],
      },
    ];
  });
}

function measureSize(shape: RecordShape, { damo, own }: RecordPair): BenchRow {
  const nrSamples = shape.nrSnapshots * shape.nrRegions;
  return {
    name: `keep a region sample, ${formatShape(shape)}`,
    figure: statSync(own).size / nrSamples,
    unit: 'bytes',
    peer: { name: 'json_compressed', figure: statSync(damo).size / nrSamples },
    goal: 3,
  };
}

async function benchShape(
  bench: Bench,
  shape: RecordShape,
  fastest: Fastest | undefined,
): Promise<{ readonly rows: BenchRow[]; readonly fastest: Fastest }> {
  const base = join(bench.dir, `${shape.nrSnapshots}x${shape.nrRegions}`);
  const pair = await writeRecordPair(base, shape);
  if (fastest === undefined && bench.damo !== undefined) checkDamoLayout(bench.damo, pair.damo);
  const rows = [measureSize(shape, pair)];
  const found: Partial<Record<Report, DamoSuite>> = {};
  for (const report of REPORT_NAMES) {
    const suites = fastest === undefined ? DAMO_SUITES : [fastest[report]];
    const comparison = await compare(bench, pair, report, suites);
    const suite = pickFastest(comparison);
    found[report] = suite;
    rows.push(...listRows({ shape, report, comparison, suite }, bench));
  }
  rmSync(pair.damo);
  rmSync(pair.own);
  return { rows, fastest: found as Fastest };
}

async function measureStart(): Promise<number> {
  const costs: ProcessCost[] = [];
  for (let run = 0; run < 2 * NR_OWN_RUNS; run += 1) {
    costs.push(await measureProcess([...PROGRAM, 'report', '--help']));
  }
  return pickBest(costs).seconds;
}

/**
 * The reports as whole processes, start-up and all, against Debian's damo: on the first record both
 * of its versions, on the others the one that was faster there.
 */
export async function benchReports({ isLarge }: BenchOptions): Promise<BenchRow[]> {
  const obstacle = findDamoObstacle();
  if (obstacle !== undefined)
    process.stderr.write(`nothing to compare reports with, ${obstacle}\n`);
  const damo = obstacle === undefined ? createDamoPeer() : undefined;
  const dir = damo?.dir ?? mkdtempSync(join(tmpdir(), 'damon-exporter-bench-'));
  try {
    const versions = Object.fromEntries(
      DAMO_SUITES.map((suite) => [suite, damo?.run(suite, 'version').stdout.trim()]),
    );
    const bench = { dir, startSeconds: await measureStart(), damo, versions };
    const { rows, fastest } = await benchShape(bench, FIRST_SHAPE, undefined);
    for (const shape of isLarge ? [...SHAPES, LARGE_SHAPE] : SHAPES) {
      rows.push(...(await benchShape(bench, shape, fastest)).rows);
    }
    return rows;
  } finally {
    damo?.close();
    rmSync(dir, { recursive: true, force: true });
  }
}
