import { formatCount, formatSize, formatTimeNs } from '../../base/format.ts';
import type { RecordReader } from '../../record/recording.ts';
import { drawSchemes } from '../chart/schemesChart.ts';
import { createRecordInfoBuilder } from '../info/recordInfo.ts';
import type { RecordInfo } from '../info/recordInfo.ts';
import { selectSnapshots } from '../selectSnapshots.ts';
import type { SnapshotSelection } from '../selectSnapshots.ts';
import { computeCacheLimit, createSnapshotCache } from '../snapshotCache.ts';
import { labelStreams } from '../streams.ts';
import { createWssBuilder } from '../wss/wssSeries.ts';
import type { WssRecord } from '../wss/wssSeries.ts';
import { collectHeatmaps, planHeatmaps } from './collectHeatmaps.ts';
import type { HtmlReport, LineFigure, ReportTable } from './htmlReport.ts';
import { createSchemeStatsBuilder } from './schemeStats.ts';
import type { SchemeStatsBuilder } from './schemeStats.ts';
import { describeWss } from './wssFigures.ts';

const WSS_OPTIONS = { excludeSamples: 0, accessThreshold: 1, sizeThreshold: 1n, workTimeNs: 0n };

interface FirstReading {
  readonly info: RecordInfo;
  readonly wss: WssRecord;
  readonly schemes: ReturnType<SchemeStatsBuilder['finish']>;
  /** For the second reading. */
  readonly again: Pick<RecordReader, 'readSnapshots'>;
}

/** All that needs no ranges to be known before. */
async function readFirst(
  reader: RecordReader,
  selection: SnapshotSelection,
): Promise<FirstReading> {
  const info = createRecordInfoBuilder();
  const wss = createWssBuilder(WSS_OPTIONS);
  const schemes = createSchemeStatsBuilder();
  const cache = createSnapshotCache(computeCacheLimit(reader));
  for await (const batch of selectSnapshots(reader, selection)) {
    for (const snapshot of batch) {
      info.add(snapshot);
      wss.add(snapshot);
      schemes.add(snapshot);
      cache.add(snapshot);
    }
  }
  const replay = cache.replay();
  return {
    info: info.finish(reader),
    wss: wss.finish(),
    schemes: schemes.finish(),
    again: replay === undefined ? reader : { readSnapshots: replay },
  };
}

/** Can be broken between date and time, where there is little room. */
function formatMoment(wallMs: number): string {
  return new Date(wallMs).toISOString().replace(/T(.+)\.\d+Z$/, ' $1 UTC');
}

function describeRecord({ format, startWallMs, streams }: RecordInfo): HtmlReport['facts'] {
  const starts = streams.map(({ timeRange }) => timeRange.startNs);
  const ends = streams.map(({ timeRange }) => timeRange.endNs);
  const first = starts.reduce((a, b) => (b < a ? b : a));
  const last = ends.reduce((a, b) => (b > a ? b : a));
  const nrSnapshots = streams.reduce((sum, each) => sum + each.nrSnapshots, 0);
  const began = startWallMs === undefined ? 'not recorded' : formatMoment(startWallMs);
  return [
    ['format', format],
    ['began', began],
    ['length', formatTimeNs(last - first)],
    ['targets', formatCount(streams.length)],
    ['snapshots', formatCount(nrSnapshots)],
  ];
}

function tabulateTargets({ streams }: RecordInfo): ReportTable {
  const labels = labelStreams(streams.map(({ stream }) => stream));
  const formatUs = (us: number): string => formatTimeNs(BigInt(Math.round(us * 1e3)));
  return {
    headings: [
      'target',
      'command',
      'snapshots',
      'regions each',
      'monitored',
      'sampling / aggregation',
    ],
    rows: streams.map(({ stream, nrSnapshots, nrRegions, totalBytes }, index) => [
      `target ${labels[index] ?? ''}`,
      stream.targetName ?? 'not recorded',
      formatCount(nrSnapshots),
      (nrRegions / nrSnapshots).toFixed(1),
      formatSize(totalBytes),
      stream.intervals === undefined
        ? 'not recorded'
        : `${formatUs(stream.intervals.sampleIntervalUs)} / ${formatUs(stream.intervals.aggrIntervalUs)}`,
    ]),
  };
}

function drawSchemeFigures(
  schemes: FirstReading['schemes'],
  recordName: string,
): readonly LineFigure[] {
  if (schemes === undefined) return [];
  const title = 'Bytes that schemes tried and applied to';
  return [
    { chart: drawSchemes({ title, subtitle: recordName, schemes: schemes.lines }), unit: 's' },
  ];
}

function listWarnings({ damages }: RecordReader, nrLeftOut: number): string[] {
  const lost = damages.map(
    ({ byteOffset, message }) => `The record is damaged at byte ${byteOffset}: ${message}`,
  );
  const shown = lost.length > 3 ? [...lost.slice(0, 3), `… and ${lost.length - 3} more.`] : lost;
  if (nrLeftOut === 0) return shown;
  const left = `${formatCount(nrLeftOut)} smaller address ranges that were monitored are not drawn.`;
  return [...shown, left];
}

/**
 * All that the page shows of a record, in two readings at most.
 *
 * @returns undefined when there is no snapshot in the selection.
 */
export async function collectHtmlReport(
  reader: RecordReader,
  selection: SnapshotSelection,
  names: Pick<HtmlReport, 'recordName' | 'generator'>,
): Promise<HtmlReport | undefined> {
  const { info, wss, schemes, again } = await readFirst(reader, selection);
  if (info.streams.length === 0) return undefined;
  const { recordName } = names;
  const { plans, nrLeftOut } = planHeatmaps(info.streams);
  const source = { readSnapshots: again.readSnapshots.bind(again), clockBase: reader.clockBase };
  const heatmaps = await collectHeatmaps(source, selection, { guides: info.streams, plans });
  const { figures, table } = describeWss(wss, recordName);
  return {
    ...names,
    facts: describeRecord(info),
    targetTable: tabulateTargets(info),
    warnings: listWarnings(reader, nrLeftOut),
    heatmaps: heatmaps.map((heatmap) => ({ ...heatmap, recordName })),
    wssFigures: figures,
    wssTable: table,
    schemeFigures: drawSchemeFigures(schemes, recordName),
    schemeTable: schemes?.table,
  };
}
