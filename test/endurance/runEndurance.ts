import type { HistogramPoint, MetricFamily } from '../../src/metrics/metricFamily.ts';
import { openRollingRecord } from '../../src/record/rolling/openRollingRecord.ts';
import { createPhaseChange } from '../../src/simulator/workload.ts';
import { median } from '../support/median.ts';
import { createTestKernel, SECOND_NS } from '../support/simulation.ts';
import { MAX_RECORD_BYTES, startApplication } from './application.ts';
import type { Application } from './application.ts';
import { AGGR_MS, readKernelTruth, readThreadTruth, startCountedKdamond } from './truth.ts';

export interface EnduranceOptions {
  readonly version: string;
  readonly seconds: number;
  /** Frees what is not used any more. */
  readonly collectGarbage: () => void;
  /** Seconds between two looks at the memory. */
  readonly lookSeconds: number;
  readonly onLook?: (seconds: number, heapBytes: number) => void;
}

/** Something told by the exporter, and what the kernel says of it. */
export interface Comparison {
  readonly what: string;
  readonly told: number | bigint | undefined;
  readonly truth: number | bigint;
  /** Events are stamped when they are written, microseconds late, and time is measured between them. */
  readonly isTimed?: boolean;
}

export interface EnduranceOutcome {
  readonly comparisons: readonly Comparison[];
  /** Of the JavaScript heap and buffers, after each look. */
  readonly heapBytes: readonly number[];
  readonly complaints: readonly string[];
  readonly recordBytes: number;
  /** Snapshots in the record that do not begin where the one before ends. */
  readonly nrGaps: number;
  readonly nrRecorded: number;
}

const SCRAPE_SECONDS = 15;
const WORKLOAD = createPhaseChange('phases', [8, 48], 64, 60_000_000);
/** So that the end is between two aggregations. */
const OFFSET_NS = 30_000_000n;

function findFamily(families: readonly MetricFamily[], name: string): MetricFamily | undefined {
  return families.find((family) => family.name === name);
}

function readScalars(families: readonly MetricFamily[], name: string): (number | bigint)[] {
  const family = findFamily(families, name);
  return family === undefined || family.kind === 'histogram'
    ? []
    : family.points.map(({ value }) => value);
}

function readHistogram(
  families: readonly MetricFamily[],
  name: string,
): HistogramPoint | undefined {
  const family = findFamily(families, name);
  return family?.kind === 'histogram' ? family.points[0] : undefined;
}

function readBucket(histogram: HistogramPoint | undefined, bound: number): bigint | undefined {
  return histogram?.cumulativeCounts[histogram.bounds.indexOf(bound)];
}

/** Bytes once per aggregation, as byte-seconds. */
function toByteSeconds(bytes: bigint): bigint {
  return (bytes * BigInt(AGGR_MS)) / 1000n;
}

async function compare(
  kernel: ReturnType<typeof createTestKernel>,
  application: Application,
  seconds: number,
): Promise<Comparison[]> {
  const truth = await readKernelTruth(kernel);
  await application.pass(0n);
  const families = application.collectFamilies();
  const access = readHistogram(families, 'damon_access_ratio');
  const idle = readHistogram(families, 'damon_idle_seconds');
  const wss = readHistogram(families, 'damon_wss_distribution_bytes');
  const nrAggregations = (seconds * 1000) / AGGR_MS;
  const { collector } = application.collector.observe() ?? {};
  // What files say is read once a second; nothing renews them now but time.
  await application.pass(2n * SECOND_NS);
  const later = application.collectFamilies();
  const { cpuSeconds } = readThreadTruth(kernel);
  const list = (name: string, values: readonly bigint[]): Comparison[] => {
    const told = readScalars(later, name);
    return values.map((value, nth) => ({
      what: `${name} of scheme ${nth}`,
      told: told[nth],
      truth: value,
    }));
  };
  return [
    { what: 'snapshots', told: collector?.snapshots, truth: nrAggregations },
    { what: 'lost events', told: collector?.lostEvents, truth: 0 },
    { what: 'spoiled snapshots', told: collector?.spoiledSnapshots, truth: 0 },
    {
      what: 'byte-seconds by access',
      told: access?.cumulativeCounts.at(-1),
      truth: toByteSeconds(truth.monitoredBytes),
      isTimed: true,
    },
    {
      what: 'byte-seconds by idle time',
      told: idle?.cumulativeCounts.at(-1),
      truth: toByteSeconds(truth.monitoredBytes),
      isTimed: true,
    },
    {
      what: 'byte-seconds without access',
      told: readBucket(access, 0),
      truth: toByteSeconds(truth.idleBytes),
      isTimed: true,
    },
    {
      what: 'byte-seconds up to half of the samples',
      told: readBucket(access, 0.5),
      truth: toByteSeconds(truth.idleBytes + truth.halfBytes),
      isTimed: true,
    },
    { what: 'working sets', told: wss?.cumulativeCounts.at(-1), truth: BigInt(nrAggregations) },
    { what: 'sum of working sets', told: wss?.sum, truth: Number(truth.accessedBytes) },
    ...list('damon_scheme_tried_regions_total', truth.triedRegions),
    ...list('damon_scheme_tried_bytes_total', truth.triedBytes),
    {
      what: 'CPU seconds of the kdamond',
      told: readScalars(later, 'damon_kdamond_cpu_seconds_total')[0],
      truth: cpuSeconds,
    },
    {
      what: 'snapshots not recorded',
      told: application.recording.health().droppedSnapshots,
      truth: 0,
    },
    { what: 'errors of the record', told: application.recording.health().errors, truth: 0 },
  ];
}

async function judgeRecord(path: string) {
  const reader = await openRollingRecord(path);
  let [nrRecorded, nrGaps, lastEndNs] = [0, 0, undefined as bigint | undefined];
  for await (const batch of reader?.readSnapshots() ?? []) {
    for (const { startNs, endNs } of batch) {
      if (lastEndNs !== undefined && startNs !== lastEndNs) nrGaps += 1;
      lastEndNs = endNs;
      nrRecorded += 1;
    }
  }
  return { nrRecorded, nrGaps };
}

/** The whole application over a kernel whose hours pass as quickly as they can be simulated. */
export async function runEndurance(options: EnduranceOptions): Promise<EnduranceOutcome> {
  const { version, seconds, collectGarbage, lookSeconds, onLook } = options;
  const kernel = createTestKernel({ version, workloads: [WORKLOAD] });
  const application = await startApplication(kernel);
  const heapBytes: number[] = [];
  try {
    await application.pass(SECOND_NS);
    startCountedKdamond(kernel);
    await application.pass(OFFSET_NS);
    for (let passed = 1; passed <= seconds; passed += 1) {
      await application.pass(SECOND_NS);
      if (passed % SCRAPE_SECONDS === 0) {
        await application.scrape();
        await application.flush();
      }
      if (passed % lookSeconds !== 0) continue;
      collectGarbage();
      const { heapUsed, external } = process.memoryUsage();
      heapBytes.push(heapUsed + external);
      onLook?.(passed, heapUsed + external);
    }
    const comparisons = await compare(kernel, application, seconds);
    await application.flush();
    const recordBytes = application.recording.health().sizeBytes;
    const { nrRecorded, nrGaps } = await judgeRecord(application.recordPath);
    const complaints = application.complaints();
    return { comparisons, heapBytes, complaints, recordBytes, nrGaps, nrRecorded };
  } finally {
    await application.stop();
  }
}

function isTrue({ told, truth, isTimed }: Comparison): boolean {
  if (isTimed !== true) return told === truth;
  return Math.abs(Number(told) - Number(truth)) <= Number(truth) * TIME_TOLERANCE;
}

/** What does not hold, in words. */
export function judgeEndurance(outcome: EnduranceOutcome): string[] {
  const { comparisons, heapBytes, complaints, recordBytes, nrGaps } = outcome;
  const wrong = comparisons
    .filter((one) => !isTrue(one))
    .map(({ what, told, truth }) => `${what}: told ${String(told)}, in truth ${truth}`);
  const half = Math.ceil(heapBytes.length / 2);
  const growth = median(heapBytes.slice(-half)) - median(heapBytes.slice(0, half));
  if (growth > MAX_GROWTH_BYTES) wrong.push(`memory grew by ${growth} bytes`);
  if (recordBytes > MAX_RECORD_BYTES) wrong.push(`the record has ${recordBytes} bytes`);
  if (nrGaps > 0) wrong.push(`${nrGaps} gaps in the record`);
  return [...wrong, ...complaints];
}

const TIME_TOLERANCE = 1e-6;
/** What the heap of a busy process differs by from look to look. */
const MAX_GROWTH_BYTES: number = 2 * 2 ** 20;
