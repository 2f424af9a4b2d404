import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { openRecord } from '../../src/record/openRecord.ts';
import type { RecordDamage, RecordedSnapshot } from '../../src/record/recording.ts';

/** A directory that is gone after the tests of the file. */
export function createTestDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-record-'));
  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });
  return dir;
}

export interface ReadRecord {
  readonly format: string;
  readonly snapshots: readonly RecordedSnapshot[];
  readonly damages: readonly RecordDamage[];
}

/** All there is in a file. */
export async function readRecord(path: string): Promise<ReadRecord> {
  const reader = await openRecord(path);
  const snapshots: RecordedSnapshot[] = [];
  for await (const batch of reader.readSnapshots()) snapshots.push(...batch);
  await reader.close();
  return { format: reader.format, snapshots, damages: reader.damages };
}

/** A snapshot as plain values that can be compared: columns cut to their count. */
export function describeSnapshot({ stream, regions, ...rest }: RecordedSnapshot): object {
  const { count, hasAges, probeHits, filterPassedBytes } = regions;
  const describeRegion = (index: number): readonly unknown[] => [
    regions.startAddr[index],
    regions.endAddr[index],
    regions.nrAccesses[index],
    hasAges ? regions.ageIntervals[index] : undefined,
    filterPassedBytes?.[index],
    ...probeHits.map((column) => column[index]),
  ];
  return { ...rest, stream, regions: Array.from({ length: count }, (_, at) => describeRegion(at)) };
}
