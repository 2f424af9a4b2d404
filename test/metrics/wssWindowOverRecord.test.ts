import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRandom } from '../../src/base/random.ts';
import type { Snapshot } from '../../src/damon/snapshot.ts';
import type { MetricFamily } from '../../src/metrics/metricFamily.ts';
import { openOwnRecord } from '../../src/record/own/openOwnRecord.ts';
import { createRecordFileWriter } from '../../src/record/own/recordFileWriter.ts';
import type { RecordReader } from '../../src/record/recording.ts';
import { createSnapshotConverter } from '../../src/record/snapshotConverter.ts';
import { selectSnapshots } from '../../src/report/selectSnapshots.ts';
import { computeWssDistribution } from '../../src/report/wss/wssDistribution.ts';
import { createWssBuilder } from '../../src/report/wss/wssSeries.ts';
import { makeMetrics } from '../support/metricsFixture.ts';
import { makeKdamond, makeObservation, makeSnapshot, MIB } from '../support/observations.ts';
import type { RegionRow } from '../support/observations.ts';

const PERCENTILES = [0, 25, 50, 75, 90, 95, 99, 100];
const WINDOW_NS = 60_000_000_000n;
const THRESHOLD = 2;

/** Two targets under changing intervals, with pauses; their last minute is a part of it. */
function generateSnapshots(): Snapshot[] {
  const random = createRandom(7);
  let lastNs = 1_000_000_000_123n;
  return Array.from({ length: 1000 }, (_, round) => {
    const aggrIntervalUs = round % 300 < 200 ? 100_000 : 250_000;
    const startNs = round % 97 === 96 ? lastNs + 2_000_000_000n : lastNs;
    lastNs = startNs + BigInt(aggrIntervalUs * 1000 + random.below(9999));
    return ['0', '1'].map((target) => {
      const rows = Array.from({ length: 30 }, (_unused, region): RegionRow => {
        const start = BigInt(region) * MIB;
        return [start, start + BigInt(1 + random.below(200)) * 4096n, random.below(5), 1];
      });
      return makeSnapshot(rows, { startNs, endNs: lastNs, target, aggrIntervalUs });
    });
  }).flat();
}

async function record(path: string, snapshots: readonly Snapshot[]): Promise<void> {
  const convert = createSnapshotConverter(() => ({ targetName: 'x', intervals: undefined }));
  const writer = await createRecordFileWriter(path, { flushIntervalMs: 60_000 });
  for (const snapshot of snapshots) await writer.write(convert(snapshot));
  await writer.close();
}

async function reportPercentiles(
  reader: RecordReader,
  target: string,
  endNs: bigint,
): Promise<Record<string, number>> {
  const builder = createWssBuilder({
    excludeSamples: 0,
    accessThreshold: THRESHOLD,
    sizeThreshold: 1n,
    workTimeNs: 1000n,
  });
  const selection = {
    streams: { targetId: target },
    timeRange: { startNs: endNs - WINDOW_NS, endNs },
  };
  for await (const batch of selectSnapshots(reader, selection)) {
    for (const snapshot of batch) builder.add(snapshot);
  }
  const [series, ...others] = builder.finish().series;
  expect(others).toEqual([]);
  const how = { order: 'size', percentiles: PERCENTILES } as const;
  const { percentiles } = computeWssDistribution(target, series!.bytes, how);
  return Object.fromEntries(percentiles.map(({ percentile, bytes }) => [percentile, bytes]));
}

function exposedPercentiles(
  families: readonly MetricFamily[],
  target: string,
): Record<string, unknown> {
  const family = families.find(({ name }) => name === 'damon_wss_window_bytes');
  const points = family?.kind === 'gauge' ? family.points : [];
  return Object.fromEntries(
    points
      .filter(({ labels }) => labels['target'] === target)
      .map(({ labels, value }) => [labels['percentile'] ?? '', value] as const),
  );
}

test('the window percentiles are what report wss gives for a record of the same time', async () => {
  const snapshots = generateSnapshots();
  const metrics = makeMetrics({ wssWindowNs: WINDOW_NS, wssThresholdSamples: THRESHOLD });
  for (const snapshot of snapshots) metrics.addSnapshot(snapshot);
  const targets = ['0', '1'].map((target) => ({
    target,
    command: 'x',
    latest: snapshots.findLast((snapshot) => snapshot.target === target)!,
  }));
  const families = metrics.collectFamilies(makeObservation([makeKdamond({ targets })]));
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-window-'));
  onTestFinished(() => {
    rmSync(dir, { recursive: true });
  });
  await record(join(dir, 'damon.data'), snapshots);
  const reader = await openOwnRecord(join(dir, 'damon.data'));
  for (const { target, latest } of targets) {
    const reported = await reportPercentiles(reader, target, latest.endNs);
    expect(Object.keys(reported)).toHaveLength(PERCENTILES.length);
    expect(reported['0']).toBeLessThan(reported['100']!);
    expect(exposedPercentiles(families, target)).toEqual(reported);
  }
  await reader.close();
});
