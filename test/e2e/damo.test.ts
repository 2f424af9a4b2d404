import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRecordWriter } from '../../src/record/write/createWriter.ts';
import { DAMO_SUITES, createDamoPeer, findDamoObstacle } from '../peers/damo.ts';
import type { DamoPeer, DamoSuite } from '../peers/damo.ts';
import { generateSnapshots, writeDamoRecord, writeSnapshots } from '../support/generateRecord.ts';
import { createTestDir } from '../support/records.ts';
import { convert, runProgram } from './program.ts';

const SHAPE = { nrSnapshots: 60, nrRegions: 12, nrTargets: 2 } as const;
const dir = createTestDir();
const input = join(dir, 'input.data');

const obstacle = findDamoObstacle();
if (obstacle !== undefined) process.stderr.write(`skipped, ${obstacle}\n`);

describe.skipIf(obstacle !== undefined)('Debian’s damo', () => {
  let damo: DamoPeer;
  const place = (name: string): string => join(damo.dir, name);

  beforeAll(async () => {
    damo = createDamoPeer();
    await writeDamoRecord(input, SHAPE);
    writeFileSync(place('direct'), readFileSync(input), { mode: 0o644 });
  });

  afterAll(() => {
    damo.close();
  });

  const report = (suite: DamoSuite, ...args: readonly string[]): string => {
    const { status, stdout, stderr } = damo.run(suite, 'report', ...args);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  const reportWss = (suite: DamoSuite, name: string): string =>
    report(suite, 'wss', '--input', name);
  const reportRaw = (suite: DamoSuite, name: string): string =>
    report(suite, 'access', '--raw_form', '--raw_number', '--input', name);

  /**
   * Damo takes for json what `file` calls "JSON data". Versions of `file` differ in that, and some
   * read only the beginning of a text: here another one stands in for it.
   */
  const callJson = (isStandIn: boolean): void => {
    const bin = place('bin');
    rmSync(bin, { recursive: true, force: true });
    if (!isStandIn) return;
    mkdirSync(bin, { mode: 0o755 });
    writeFileSync(join(bin, 'file'), "#!/bin/sh\necho 'JSON data'\n", { mode: 0o755 });
  };

  /** For whatever user damo runs as. */
  const convertFor = (name: string, from: string, ...args: readonly string[]): void => {
    convert(from, place(name), '--force', ...args);
    chmodSync(place(name), 0o644);
  };

  test.each([
    ['trixie', /^2\.8\./],
    ['sid', /^3\./],
  ] as const)('the one of %s runs, and is of the generation meant', (suite, version) => {
    const outcome = damo.run(suite, 'version');
    expect(outcome).toMatchObject({ status: 0, stderr: '' });
    expect(outcome.stdout).toMatch(version);
  });

  test('the newest writes the same bytes again', async () => {
    const snapshots = [...generateSnapshots(SHAPE)];
    const streams = new Map(
      snapshots.map(({ stream }) => [stream, { ...stream, kdamond: '0', contextIndex: 0 }]),
    );
    const path = place('ours');
    const writer = await createRecordWriter({
      path,
      format: 'json_compressed',
      clockBase: undefined,
    });
    await writeSnapshots(
      writer,
      snapshots.map((one) => ({ ...one, stream: streams.get(one.stream)! })),
    );
    chmodSync(path, 0o644);
    damoConverts('ours', 'theirs', 'json_compressed');
    const read = (name: string): string => inflateSync(readFileSync(place(name))).toString();
    expect(read('theirs')).toBe(read('ours'));
  });

  describe.each(DAMO_SUITES)('the one of %s', (suite) => {
    test.each(['json_compressed', 'json', 'perf_script'])('reads our %s', (format) => {
      callJson(format === 'json');
      convertFor('written', input, '--format', format);
      const wss = reportWss(suite, 'written');
      // Text has no place for what makes the numbers of raw.
      const raw = format === 'perf_script' ? undefined : reportRaw(suite, 'written');
      callJson(false);
      expect(wss).toMatch(/^100 /m);
      expect(wss).toBe(reportWss(suite, 'direct'));
      if (raw !== undefined) expect(raw).toBe(reportRaw(suite, 'direct'));
    });

    test.each(['damon-exporter', 'json', 'perf_script'])('reads what was %s between', (format) => {
      const there = join(dir, `there-${suite}-${format}`);
      convert(input, there, '--format', format);
      convertFor('back', there, '--format', 'json_compressed');
      expect(reportWss(suite, 'back')).toBe(reportWss(suite, 'direct'));
      if (format === 'perf_script') return;
      expect(reportRaw(suite, 'back')).toBe(reportRaw(suite, 'direct'));
    });
  });

  test('its own text, with a line lost, is read without shifting all that follows', () => {
    damoConverts('direct', 'damo.txt', 'perf_script');
    const lines = readFileSync(place('damo.txt'), 'utf8').split('\n');
    lines.splice(100, 1);
    const lost = join(dir, 'lost.txt');
    writeFileSync(lost, lines.join('\n'));
    const { status, stderr } = runProgram('convert', lost, join(dir, 'lost.csv'));
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^damon-exporter: warning: \S+lost.txt at byte \d+: left out a snapshot: found 11 of its 12 regions\n$/,
    );
    const rows = readFileSync(join(dir, 'lost.csv'), 'utf8').trimEnd().split('\n');
    expect(rows).toHaveLength(1 + 12 * (60 * 2 - 1));
  });

  function damoConverts(from: string, to: string, format: string): void {
    const files = ['--record_file', from, '--output_file', to];
    const { status } = damo.run('sid', 'convert_record_format', ...files, '--format', format);
    expect(status).toBe(0);
  }
});
