import { closeSync, mkdtempSync, openSync, rmSync, statSync, writevSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordedSnapshot } from '../src/record/recording.ts';
import { openOwnRecord } from '../src/record/own/openOwnRecord.ts';
import { createRecordFileWriter } from '../src/record/own/recordFileWriter.ts';
import { createDamoJsonWriter } from '../src/record/damoJson/damoJsonWriter.ts';
import { writeSnapshots } from '../test/support/generateRecord.ts';
import { generateSnapshots, makeStream } from '../test/support/recordBuilders.ts';
import type { BenchRow } from './support/benchRow.ts';

const SHAPE = { nrSnapshots: 5000, nrRegions: 106 };
const NR_ROUNDS = 7;

/** Shares of boundaries that move per snapshot, as captured: a quiet and a busy target; and all. */
const KINDS = [
  { what: '10 % of regions change', restlessness: 0.1, goalBytes: 3 },
  { what: '50 % of regions change', restlessness: 0.5, goalBytes: 3 },
  { what: 'all regions change', restlessness: 1, goalBytes: undefined },
] as const;

async function timeNs(action: () => Promise<unknown>): Promise<number> {
  const begin = process.hrtime.bigint();
  await action();
  return Number(process.hrtime.bigint() - begin);
}

async function write(path: string, snapshots: readonly RecordedSnapshot[]): Promise<void> {
  const writer = await createRecordFileWriter(path, { flushIntervalMs: 60_000 });
  for (const snapshot of snapshots) await writer.write(snapshot);
  await writer.close();
}

/** The least: the columns go to a file as they are, 24 bytes for each region. */
function writeColumns(path: string, snapshots: readonly RecordedSnapshot[]): Promise<void> {
  const file = openSync(path, 'w');
  for (const { regions } of snapshots) {
    const { startAddr, endAddr, nrAccesses, ageIntervals } = regions;
    writevSync(file, [startAddr, endAddr, nrAccesses, ageIntervals]);
  }
  closeSync(file);
  return Promise.resolve();
}

async function measureDamoSize(
  path: string,
  snapshots: readonly RecordedSnapshot[],
): Promise<number> {
  await writeSnapshots(await createDamoJsonWriter({ path, isCompressed: true }), snapshots);
  return statSync(path).size;
}

async function read(path: string): Promise<number> {
  const reader = await openOwnRecord(path);
  let nrRegions = 0;
  for await (const batch of reader.readSnapshots()) {
    for (const { regions } of batch) nrRegions += regions.count;
  }
  await reader.close();
  return nrRegions;
}

async function benchKind(dir: string, kind: (typeof KINDS)[number]): Promise<BenchRow[]> {
  const { what, restlessness, goalBytes } = kind;
  const snapshots = [...generateSnapshots(makeStream(), { ...SHAPE, restlessness })];
  const nrRegions = SHAPE.nrSnapshots * SHAPE.nrRegions;
  const writeNs: number[] = [];
  const floorNs: number[] = [];
  const readNs: number[] = [];
  let sizeBytes = 0;
  for (let round = 0; round < NR_ROUNDS; round += 1) {
    const path = join(dir, `${String(restlessness)}-${round}`);
    writeNs.push(await timeNs(() => write(path, snapshots)));
    floorNs.push(await timeNs(() => writeColumns(join(dir, 'columns'), snapshots)));
    readNs.push(await timeNs(() => read(path)));
    sizeBytes = statSync(path).size;
  }
  const damoBytes = await measureDamoSize(join(dir, 'damo'), snapshots);
  const name = (verb: string) => `${verb} a region sample in our record, ${what}`;
  return [
    {
      name: name('keep'),
      figure: sizeBytes / nrRegions,
      unit: 'bytes',
      peer: { name: 'json_compressed', figure: damoBytes / nrRegions },
      ...(goalBytes !== undefined && { goal: goalBytes }),
    },
    {
      name: name('write'),
      figure: Math.min(...writeNs) / nrRegions,
      unit: 'ns',
      peer: { name: 'columns as they are', figure: Math.min(...floorNs) / nrRegions },
    },
    // 50,000 snapshots of 106 regions in 0.4 s leave time for a report within half a second.
    { name: name('read'), figure: Math.min(...readNs) / nrRegions, unit: 'ns', goal: 75 },
  ];
}

/** Size, writing and reading of our record format, files in the page cache. */
export async function benchOwnRecord(): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-bench-'));
  try {
    const rows: BenchRow[] = [];
    for (const kind of KINDS) rows.push(...(await benchKind(dir, kind)));
    return rows;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
