import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { RecordedSnapshot } from '../../../src/record/recording.ts';
import { collectHtmlReport } from '../../../src/report/html/collectHtmlReport.ts';
import { renderHtmlReport } from '../../../src/report/html/htmlReport.ts';
import { createMemoryReader, makeSnapshot, makeStream } from '../../support/recordedSnapshots.ts';

const NAMES = { recordName: 'damon.data', generator: 'damon-exporter 1.2.3' };
const MIB = 1n << 20n;

/** Two of four MiB are hot, the upper two from the 31st snapshot on. */
function makeSnapshots(overrides: Parameters<typeof makeStream>[0] = {}): RecordedSnapshot[] {
  const stream = makeStream({ targetName: 'stairs', ...overrides });
  return Array.from({ length: 60 }, (_, index) => {
    const startNs = 7_000_000_000n + BigInt(index) * 100_000_000n;
    const [low, high] = index < 30 ? [20, 0] : [0, 20];
    return makeSnapshot(
      stream,
      [startNs, startNs + 100_000_000n],
      [
        [0n, 2n * MIB, low, 1],
        [2n * MIB, 4n * MIB, high, 1],
        [100n * MIB, 101n * MIB, 0, 1],
      ],
    );
  });
}

async function render(snapshots: readonly RecordedSnapshot[]): Promise<string> {
  const report = await collectHtmlReport(createMemoryReader(snapshots), {}, NAMES);
  return renderHtmlReport(report!);
}

test('a record becomes facts, a heatmap for each monitored range, and working set sizes', async () => {
  const report = await collectHtmlReport(createMemoryReader(makeSnapshots()), {}, NAMES);
  expect(report!.facts).toEqual([
    ['format', 'json'],
    ['began', 'not recorded'],
    ['length', '6 s'],
    ['targets', '1'],
    ['snapshots', '60'],
  ]);
  expect(report!.targetTable.rows).toEqual([
    ['target 0', 'stairs', '60', '3.0', '5.000 MiB', '5 ms / 100 ms'],
  ]);
  const [lower, upper] = report!.heatmaps;
  expect(lower!.matrix.addressRange).toEqual({ startAddr: 0n, endAddr: 4n * MIB });
  expect(upper!.matrix.addressRange.startAddr).toBe(100n * MIB);
  const { values, nrAddresses } = lower!.matrix;
  expect([values[0], values[nrAddresses - 1], values.at(-1)]).toEqual([200, 0, 200]);
  const size = '2.000 MiB';
  expect(report!.wssTable.rows).toEqual([
    ['target 0: stairs', '40', size, size, size, size, size, size],
  ]);
});

test('a slow format is read once, ours twice, with the same result', async () => {
  const reports = ['json', 'damon-exporter'].map(async (format) => {
    const reader = createMemoryReader(makeSnapshots(), { format });
    const report = { ...(await collectHtmlReport(reader, {}, NAMES))!, facts: [] };
    return { report: JSON.stringify(report, encodeBigint), nrReadings: reader.nrReadings };
  });
  const [slow, ours] = await Promise.all(reports);
  expect(slow?.nrReadings).toBe(1);
  expect(ours).toEqual({ report: slow?.report, nrReadings: 2 });
});

function encodeBigint(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

test('targets whose streams look alike are drawn each by itself', async () => {
  const [first, second] = [makeSnapshots(), makeSnapshots()];
  const report = await collectHtmlReport(createMemoryReader([...first, ...second]), {}, NAMES);
  expect(report!.heatmaps).toHaveLength(4);
  expect(report!.heatmaps.every(({ matrix }) => matrix.values.some((value) => value >= 0))).toBe(
    true,
  );
});

test('nothing selected is no report', async () => {
  const reader = createMemoryReader(makeSnapshots());
  expect(await collectHtmlReport(reader, { streams: { targetId: '9' } }, NAMES)).toBeUndefined();
});

test('many ranges: the largest of each target are drawn, and the page says how many are not', async () => {
  const stream = makeStream();
  const regions = Array.from({ length: 10 }, (_, index) => {
    const start = BigInt(index) * 100n * MIB;
    return [start, start + BigInt(index + 1) * MIB, 1] as const;
  });
  const reader = createMemoryReader([makeSnapshot(stream, [0n, 100_000_000n], regions)]);
  const report = await collectHtmlReport(reader, {}, NAMES);
  const starts = report!.heatmaps.map(({ matrix }) => matrix.addressRange.startAddr / MIB);
  expect(starts).toEqual([700n, 800n, 900n]);
  expect(report!.warnings).toEqual(['7 smaller address ranges that were monitored are not drawn.']);
});

test('schemes: the counters of each, at the end and as they grew', async () => {
  const stream = makeStream({ kdamond: '0', contextIndex: 0, schemeIndex: 2 });
  const snapshots = makeSnapshots().map((snapshot, index) => ({
    ...snapshot,
    stream,
    schemeStats: {
      triedRegions: BigInt(index),
      triedBytes: BigInt(index) * MIB,
      appliedRegions: 5n,
      appliedBytes: 3n * MIB,
      opsFilterPassedBytes: 0n,
      quotaExceeds: 1_234n,
      nrSnapshots: 0n,
      maxNrSnapshots: 0n,
    },
  }));
  const report = await collectHtmlReport(createMemoryReader(snapshots), {}, NAMES);
  expect(report!.schemeTable!.rows).toEqual([
    ['kdamond 0, context 0, scheme 2', '59', '59.000 MiB', '5', '3.000 MiB', '0 B', '1,234 times'],
  ]);
  expect(await render(snapshots)).toContain('Bytes that schemes tried and applied to');
  expect(await render(makeSnapshots())).toContain('no statistics of schemes');
});

test('the page loads nothing, and lets only its own script run', async () => {
  const page = await render(makeSnapshots());
  const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
  const scripts = [...page.matchAll(/<script>([\s\S]*?)<\/script>/g)].map(([, text]) => text!);
  expect(scripts).toHaveLength(1);
  const hash = createHash('sha256').update(scripts[0]!).digest('base64');
  expect(policy).toBe(
    `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'`,
  );
  expect(page).not.toMatch(/(?:src|href)="(?!data:)[^"#]/);
  expect(
    page.replaceAll(/xmlns(?::\w+)?="[^"]*"|'http:\/\/www.w3.org\/2000\/svg'/g, ''),
  ).not.toMatch(/https?:\/\//);
});

test('charts take their colours from the page, and share no names', async () => {
  const page = await render(makeSnapshots());
  expect(page).not.toMatch(/#fe01/);
  expect(page).toContain('fill="var(--text)"');
  const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeGreaterThan(4);
});

test('what is under the pointer is told from data beside each chart', async () => {
  const page = await render(makeSnapshots());
  const data = [...page.matchAll(/<script type="application\/json">(.*?)<\/script>/g)].map(
    ([, json]) => JSON.parse(json!) as { kind: string; plot: object; startAddr?: string },
  );
  expect(data.map(({ kind }) => kind)).toEqual(['heatmap', 'heatmap', 'lines', 'lines']);
  expect(data[1]).toMatchObject({ startAddr: (100n * MIB).toString(), unit: 'Hz' });
});

test('hostile names stay text', async () => {
  const targetName = '</script><script>alert(1)</script>"\'<b>';
  const page = await render(makeSnapshots({ targetName }));
  expect(page.match(/<script>/g)).toHaveLength(1);
  expect(page).not.toContain('<b>');
  expect(page).toContain('&lt;b&gt;');
});
