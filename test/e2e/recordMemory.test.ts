import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createRecordWriter } from '../../src/record/write/createWriter.ts';
import type { WrittenFormat } from '../../src/record/write/formats.ts';
import { buildBinaryRecord } from '../support/binaryRecord.ts';
import { generateSnapshots, writeSnapshots } from '../support/generateRecord.ts';
import { createTestDir } from '../support/records.ts';
import { runWatched } from './runWatched.ts';

const dir = createTestDir();
const FORMATS = ['damon-exporter', 'json_compressed', 'json', 'perf_script'] as const;
/** Both long enough for the garbage collector to have found its pace. */
const [SHORT, LONG] = [2000, 16_000];
/** What waits for the garbage collector varies; the data themselves would make it eight. */
const MAX_GROWTH = 2.2;
const NR_REGIONS = 50;

const place = (format: string, nrSnapshots: number): string =>
  join(dir, `${format}-${nrSnapshots}`);

async function writeRecord(format: WrittenFormat, nrSnapshots: number): Promise<void> {
  const path = place(format, nrSnapshots);
  const writer = await createRecordWriter({ path, format, clockBase: undefined });
  await writeSnapshots(writer, generateSnapshots({ nrSnapshots, nrRegions: NR_REGIONS }));
}

function writeBinary(nrSnapshots: number): void {
  const regions = Array.from(
    { length: NR_REGIONS },
    (_, at) => [BigInt(4096 * (at + 1)), BigInt(4096 * (at + 2)), at] as const,
  );
  const snapshots = Array.from({ length: nrSnapshots }, (_, seconds) => ({
    seconds,
    nanoseconds: 0,
    tasks: [{ targetId: 1n, regions }],
  }));
  writeFileSync(place('binary', nrSnapshots), buildBinaryRecord(2, snapshots));
}

beforeAll(async () => {
  for (const nrSnapshots of [SHORT, LONG]) {
    writeBinary(nrSnapshots);
    for (const format of FORMATS) await writeRecord(format, nrSnapshots);
  }
});

/** Peak of the long one over that of the short one; it has eight times the data. */
async function measureGrowth(makeArgs: (nrSnapshots: number) => string[]): Promise<number> {
  const peaks: number[] = [];
  for (const nrSnapshots of [SHORT, LONG]) {
    const { status, stderr, peakMib } = await runWatched(...makeArgs(nrSnapshots));
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    peaks.push(peakMib);
  }
  expect(peaks[1]).toBeLessThan(200);
  return peaks[1]! / peaks[0]!;
}

describe('memory does not grow with the length of a record', { timeout: 120_000 }, () => {
  test.each([...FORMATS, 'binary'])('read as %s', async (format) => {
    const growth = await measureGrowth((nr) => ['report', 'raw', '-i', place(format, nr)]);
    expect(growth).toBeLessThan(MAX_GROWTH);
  });

  test.each([...FORMATS, 'csv'])('converted to %s', async (format) => {
    const growth = await measureGrowth((nr) => {
      const output = join(dir, `converted-${format}-${nr}`);
      return ['convert', place('damon-exporter', nr), output, '--format', format];
    });
    expect(growth).toBeLessThan(MAX_GROWTH);
  });

  test('aggregated', async () => {
    const growth = await measureGrowth((nr) => {
      const output = join(dir, `aggregated-${nr}`);
      const interval = ['--aggregate_interval', '1s'];
      return ['convert', place('damon-exporter', nr), output, ...interval];
    });
    expect(growth).toBeLessThan(MAX_GROWTH);
  });
});
