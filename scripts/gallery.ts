import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRecord } from '../src/record/openRecord.ts';
import { computeHeatMatrix } from '../src/report/heatmap/computeHeat.ts';
import { collectHtmlReport } from '../src/report/html/collectHtmlReport.ts';
import { renderHtmlReport } from '../src/report/html/htmlReport.ts';
import { writeHeatmapPicture, writeWssPicture } from '../src/report/picture/writePicture.ts';
import { describeStream } from '../src/report/streams.ts';
import { computeWssDistribution } from '../src/report/wss/wssDistribution.ts';
import { createWssBuilder } from '../src/report/wss/wssSeries.ts';
import { writeDamoRecord } from '../test/support/generateRecord.ts';
import type { RecordShape } from '../test/support/generateRecord.ts';

/** Draws every kind of picture of every generated record, on one page to look over. */
const FOLDER = '.cache/gallery';
const SHAPES: readonly RecordShape[] = ['staircase', 'phases', 'noise', 'constant', 'idle'];
const RESOLUTIONS = [
  { nrTimes: 500, nrAddresses: 500 },
  { nrTimes: 40, nrAddresses: 20 },
];
const WSS_OPTIONS = { excludeSamples: 20, accessThreshold: 1, sizeThreshold: 1n, workTimeNs: 0n };
const PERCENTILES = [0, 25, 50, 75, 100];

async function drawHeatmaps(path: string, shape: RecordShape): Promise<string[]> {
  const names: string[] = [];
  for (const resolution of RESOLUTIONS) {
    const reader = await openRecord(path);
    const whole = { streams: {}, time: undefined, address: undefined, options: {} };
    const matrix = await computeHeatMatrix(reader, { ...whole, resolution });
    await reader.close();
    if (matrix === undefined) throw new Error(`${path}: nothing observed`);
    const isFine = resolution.nrTimes === 500;
    const chart = {
      matrix,
      targetName: describeStream(matrix.stream),
      recordName: `${shape}.data`,
      recordStartNs: undefined,
      isAbsTime: !isFine,
      isAbsAddr: !isFine,
    };
    for (const extension of ['png', 'svg', 'jpeg', 'pdf']) {
      const name = `${shape}-heat-${resolution.nrTimes}.${extension}`;
      const theme = isFine ? 'light' : 'dark';
      await writeHeatmapPicture(chart, join(FOLDER, name), { theme });
      names.push(name);
    }
  }
  return names;
}

async function drawWss(path: string, shape: RecordShape): Promise<string[]> {
  const builder = createWssBuilder(WSS_OPTIONS);
  const reader = await openRecord(path);
  for await (const batch of reader.readSnapshots()) {
    for (const snapshot of batch) builder.add(snapshot);
  }
  await reader.close();
  const { series } = builder.finish();
  const names: string[] = [];
  for (const order of ['size', 'time'] as const) {
    const curves = series.map(({ stream, bytes }) =>
      computeWssDistribution(describeStream(stream), bytes, { order, percentiles: PERCENTILES }),
    );
    const name = `${shape}-wss-${order}.png`;
    const chart = { title: `Working set size by ${order}`, subtitle: `${shape}.data`, curves };
    await writeWssPicture(chart, join(FOLDER, name));
    names.push(name);
  }
  return names;
}

async function drawPage(path: string, shape: RecordShape): Promise<string> {
  const reader = await openRecord(path);
  const names = { recordName: `${shape}.data`, generator: 'gallery' };
  const report = await collectHtmlReport(reader, {}, names);
  await reader.close();
  if (report === undefined) throw new Error(`${path}: no snapshots`);
  writeFileSync(join(FOLDER, `${shape}.html`), await renderHtmlReport(report));
  return `${shape}.html`;
}

mkdirSync(FOLDER, { recursive: true });
const sections: string[] = [];
for (const shape of SHAPES) {
  const path = join(FOLDER, `${shape}.data`);
  const nrTargets = shape === 'noise' ? 3 : 1;
  await writeDamoRecord(path, { nrSnapshots: 600, nrRegions: 60, shape, nrTargets });
  const names = [...(await drawHeatmaps(path, shape)), ...(await drawWss(path, shape))];
  const shown = names.map((name) =>
    name.endsWith('.pdf')
      ? `<p><a href="${name}">${name}</a></p>`
      : `<figure><img src="${name}" alt=""><figcaption>${name}</figcaption></figure>`,
  );
  const page = await drawPage(path, shape);
  sections.push(`<h2>${shape}: <a href="${page}">${page}</a></h2>`, ...shown);
}
const style = 'body{font-family:sans-serif}figure{display:inline-block;margin:4px}img{width:600px}';
writeFileSync(
  join(FOLDER, 'index.html'),
  `<!doctype html><meta charset="utf-8"><style>${style}</style>${sections.join('\n')}`,
);
process.stdout.write(`${FOLDER}/index.html\n`);
