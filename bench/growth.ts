import { createAccumulators, DEFAULT_ACCUMULATOR_SETTINGS } from '../src/metrics/accumulators.ts';
import { openOwnRecord } from '../src/record/own/openOwnRecord.ts';
import { createRecordFileWriter } from '../src/record/own/recordFileWriter.ts';
import { generateSnapshots, makeStream } from '../test/support/recordBuilders.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { measureNs } from './support/benchRow.ts';
import type { BenchRow } from './support/benchRow.ts';

/** What a piece may cost at most, compared with the smallest: linear, but out of the caches. */
const GOAL_RATIO = 2;

const REGIONS = [100, 1_000, 10_000] as const;
const TARGETS = [1, 100, 1_000] as const;
const SNAPSHOTS = [500, 5_000, 50_000] as const;

/** Nanoseconds for each region of all targets' snapshots that become metrics. */
function measureMetrics(nrRegions: number, nrTargets: number): () => number {
  const [snapshot] = generateSnapshots(makeStream(), {
    nrSnapshots: 1,
    nrRegions,
    restlessness: 0.5,
  });
  if (snapshot === undefined) throw new RangeError('no snapshot');
  const accumulators = createAccumulators(DEFAULT_ACCUMULATOR_SETTINGS);
  const kdamond = { label: '0', owner: 'own', pid: 321 } as const;
  let nowNs = 1_000_000_000_000n;
  return () => {
    const startNs = nowNs;
    nowNs += 100_000_000n;
    for (let target = 0; target < nrTargets; target += 1) {
      accumulators.add({
        kdamond,
        contextIndex: 0,
        target: String(target),
        startNs,
        endNs: nowNs,
        sampleIntervalUs: 5000,
        aggrIntervalUs: 100_000,
        regions: snapshot.regions,
      });
    }
    return nrRegions * nrTargets;
  };
}

function benchMetrics(): BenchRow[] {
  const byRegions = REGIONS.map((nrRegions) => [nrRegions, measureMetrics(nrRegions, 1)] as const);
  const byTargets = TARGETS.map(
    (nrTargets) => [nrTargets, measureMetrics(100, nrTargets)] as const,
  );
  const actions = Object.fromEntries([
    ...byRegions.map(([count, action]) => [`regions ${count}`, action]),
    ...byTargets.map(([count, action]) => [`targets ${count}`, action]),
  ]) as Record<string, () => number>;
  const ns = measureNs(actions);
  const rows = (kind: string, counts: readonly number[], pieces: (count: number) => number) =>
    counts.map((count) => ({
      count,
      figure: (ns[`${kind} ${count}`] ?? NaN) / pieces(count),
    }));
  return [
    ...compare(
      'metrics of a snapshot',
      'regions',
      rows('regions', REGIONS, (count) => count),
    ),
    ...compare(
      'metrics of snapshots of 100 regions each',
      'targets',
      rows('targets', TARGETS, (count) => 100 * count),
    ),
  ];
}

interface Measured {
  readonly count: number;
  readonly figure: number;
}

/** Each but the first against the first. */
function compare(name: string, what: string, measured: readonly Measured[]): BenchRow[] {
  const [first, ...others] = measured;
  if (first === undefined) return [];
  return others.map(({ count, figure }) => ({
    name: `${name}: ${count.toLocaleString('en')} ${what}`,
    figure,
    unit: 'ns/region',
    peer: { name: `${first.count.toLocaleString('en')} ${what}`, figure: first.figure },
    goal: GOAL_RATIO * first.figure,
  }));
}

async function benchRecords(dir: string): Promise<BenchRow[]> {
  const nrRegions = 20;
  const measured: Measured[] = [];
  for (const count of SNAPSHOTS) {
    const path = join(dir, `${count}.data`);
    const writer = await createRecordFileWriter(path, { flushIntervalMs: 60_000 });
    const shape = { nrSnapshots: count, nrRegions, restlessness: 0.5 };
    for (const snapshot of generateSnapshots(makeStream(), shape)) await writer.write(snapshot);
    await writer.close();
    let best = Infinity;
    for (let round = 0; round < 5; round += 1) {
      const begin = process.hrtime.bigint();
      const reader = await openOwnRecord(path);
      let nrRead = 0;
      for await (const batch of reader.readSnapshots()) nrRead += batch.length;
      if (nrRead !== count) throw new RangeError(`read ${nrRead} of ${count} snapshots`);
      await reader.close();
      best = Math.min(best, Number(process.hrtime.bigint() - begin));
    }
    measured.push({ count, figure: best / (count * nrRegions) });
  }
  return compare('read a record', 'snapshots', measured);
}

/** Whether ten times as much takes ten times as long, and no more. */
export async function benchGrowth(): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-bench-'));
  try {
    return [...benchMetrics(), ...(await benchRecords(dir))];
  } finally {
    rmSync(dir, { recursive: true });
  }
}
