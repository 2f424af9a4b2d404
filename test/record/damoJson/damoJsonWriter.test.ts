import { statSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { generateSnapshots, writeDamoRecord } from '../../support/generateRecord.ts';
import { createTestDir, describeSnapshot, readRecord } from '../../support/records.ts';

const dir = createTestDir();
const options = { nrSnapshots: 50, nrRegions: 20, nrTargets: 3, targetId: 2n ** 64n - 10n };

test.each([
  ['json', false],
  ['json_compressed', true],
] as const)(
  'what is written as %s is read again, stream by stream',
  async (format, isCompressed) => {
    const path = join(dir, format);
    await writeDamoRecord(path, options, isCompressed);
    const read = await readRecord(path);
    const written = [...generateSnapshots(options)];
    const byStream = [0, 1, 2].flatMap((target) => written.filter((_, at) => at % 3 === target));
    expect(read.format).toBe(format);
    expect(read.damages).toEqual([]);
    expect(read.snapshots.map(describeSnapshot)).toEqual(byStream.map(describeSnapshot));
    expect(new Set(read.snapshots.map(({ stream }) => stream)).size).toBe(3);
  },
);

test('nothing but the file remains, with the permissions asked for', () => {
  expect(readdirSync(dir).sort()).toEqual(['json', 'json_compressed']);
  expect(statSync(join(dir, 'json')).mode & 0o777).toBe(0o644);
});
