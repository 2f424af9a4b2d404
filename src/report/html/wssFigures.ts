import { formatCount, formatSize } from '../../base/format.ts';
import { drawWssDistribution, drawWssTime } from '../chart/wssCharts.ts';
import { nameStreams } from '../streams.ts';
import { computeWssDistribution } from '../wss/wssDistribution.ts';
import type { WssDistribution } from '../wss/wssDistribution.ts';
import type { WssRecord, WssSeries } from '../wss/wssSeries.ts';
import type { LineFigure, ReportTable } from './htmlReport.ts';

const PERCENTILES = [0, 25, 50, 75, 100];
/** As `report wss`: regions settle first. */
const EXCLUDED_SAMPLES = 20;

interface WssPart {
  readonly figures: readonly LineFigure[];
  readonly table: ReportTable;
}

function middleSeconds({ start, end }: WssSeries): Float64Array {
  return start.map((startNs, at) => (startNs + (end[at] ?? startNs)) / 2e9);
}

function formatRow({ label, bytes, meanBytes, percentiles }: WssDistribution): string[] {
  const sizes = [meanBytes, ...percentiles.map((each) => each.bytes)];
  return [
    label,
    formatCount(bytes.length),
    ...sizes.map((size) => formatSize(BigInt(Math.round(size)))),
  ];
}

/** How working sets changed and how they were distributed. */
export function describeWss({ series }: WssRecord, recordName: string): WssPart {
  const labels = nameStreams(series.map(({ stream }) => stream));
  const isLong = series.every(({ bytes }) => bytes.length > EXCLUDED_SAMPLES);
  const distributions = series.map(({ bytes }, index) =>
    computeWssDistribution(labels[index] ?? '', bytes.subarray(isLong ? EXCLUDED_SAMPLES : 0), {
      order: 'size',
      percentiles: PERCENTILES,
    }),
  );
  const without = isLong ? ` · without the first ${EXCLUDED_SAMPLES} samples` : '';
  const lines = series.map((each, index) => ({
    label: labels[index] ?? '',
    seconds: middleSeconds(each),
    bytes: each.bytes,
  }));
  return {
    figures: [
      {
        chart: drawWssTime({ title: 'Over time', subtitle: recordName, lines }),
        unit: 's',
      },
      {
        chart: drawWssDistribution({
          title: 'Distribution',
          subtitle: `${recordName}${without}`,
          curves: distributions,
        }),
        unit: '%',
      },
    ],
    table: {
      headings: ['target', 'samples', 'mean', ...PERCENTILES.map((at) => `${at} %`)],
      rows: distributions.filter(({ bytes }) => bytes.length > 0).map(formatRow),
    },
  };
}
