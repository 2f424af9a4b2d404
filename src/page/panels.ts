import type { SchemeJson, SummaryEvent, TargetDetail } from '../live/liveEvents.ts';
import { formatCount } from '../base/format.ts';
import type { Cell, TableContent } from './dom.ts';
import {
  formatByteRate,
  formatBytes,
  formatDuration,
  formatExactBytes,
  formatShare,
  formatUs,
} from './humanText.ts';
import type { Rates } from './rates.ts';
import type { NamedTarget } from './targets.ts';

type Fact = Cell & { readonly name: string };

function bytesCell(bytes: number): Cell {
  return { text: formatBytes(bytes), title: formatExactBytes(bytes), value: bytes };
}

function countCell(count: number): Cell {
  return { text: formatCount(count), value: count };
}

/** The numbers of a target at a glance. */
export function listTiles(detail: TargetDetail, { target }: NamedTarget): Fact[] {
  const { wssBytes, monitoredBytes, minRegions, maxRegions, cold } = detail;
  const limits =
    minRegions === null || maxRegions === null
      ? ''
      : ` of ${formatCount(minRegions)} to ${formatCount(maxRegions)}`;
  const shownCold = cold[Math.min(1, cold.length - 1)];
  return [
    { name: 'working set', ...bytesCell(wssBytes) },
    { name: 'monitored', ...bytesCell(monitoredBytes) },
    ...(shownCold === undefined
      ? []
      : [{ name: `idle ${shownCold[0]} or longer`, ...bytesCell(shownCold[1]) }]),
    {
      name: 'regions',
      text: `${formatCount(detail.regions)}${limits}`,
      value: detail.regions,
    },
    {
      name: 'sampling, aggregation',
      text: `${formatUs(target.sampleIntervalUs)}, ${formatUs(target.aggrIntervalUs)}`,
    },
    { name: 'newest snapshot', text: `${formatDuration(target.ageSeconds)} old` },
  ];
}

export function tabulatePercentiles({ percentiles, wssBytes }: TargetDetail): TableContent {
  const highest = Math.max(1, wssBytes, ...percentiles.map(([, bytes]) => bytes));
  const name = (percentile: number): string =>
    percentile === 0 ? 'smallest' : percentile === 100 ? 'largest' : `p${percentile}`;
  return {
    headings: ['percentile', 'bytes'],
    rows: percentiles.map(([percentile, bytes]) => [
      { text: name(percentile) },
      { ...bytesCell(bytes), bar: bytes / highest },
    ]),
  };
}

function nameIdle(fromSeconds: number | null, untilSeconds: number | null | undefined): string {
  if (fromSeconds === null) return 'accessed';
  if (untilSeconds === undefined || untilSeconds === null)
    return `${formatDuration(fromSeconds)} or longer`;
  return fromSeconds === 0
    ? `less than ${formatDuration(untilSeconds)}`
    : `${formatDuration(fromSeconds)} to ${formatDuration(untilSeconds)}`;
}

/** From the hottest to the coldest; the empty ones at the cold end are left out. */
export function tabulateIdle({ idle, monitoredBytes }: TargetDetail): TableContent {
  const shares = idle ?? [];
  const last = shares.findLastIndex(({ bytes }) => bytes > 0);
  const largest = Math.max(1, ...shares.map(({ bytes }) => bytes));
  return {
    headings: ['idle for', 'bytes', 'share'],
    rows: shares
      .slice(0, Math.max(last, 1) + 1)
      .map(({ fromSeconds, bytes }, index) => [
        { text: nameIdle(fromSeconds, shares[index + 1]?.fromSeconds) },
        { ...bytesCell(bytes), bar: bytes / largest },
        { text: formatShare(monitoredBytes > 0 ? bytes / monitoredBytes : 0) },
      ]),
  };
}

const SCHEME_PREFIX = 'damon_scheme_';

/** By the name of the metric behind `damon_scheme_`, or behind the module's name. */
function readValue({ kdamond, context, values }: SchemeJson, name: string): number | undefined {
  return context === '' ? values[`${kdamond}_${name}`] : values[`${SCHEME_PREFIX}${name}`];
}

function rateCell(rate: number | undefined): Cell {
  return rate === undefined ? { text: '–' } : { text: formatByteRate(rate), value: rate };
}

function describeQuota(scheme: SchemeJson): string {
  const effective = readValue(scheme, 'effective_quota_bytes');
  const reset = readValue(scheme, 'quota_reset_interval_seconds');
  if (reset === undefined) return 'none';
  const every = ` each ${formatDuration(reset)}`;
  return effective === undefined ? `yes,${every}` : `${formatBytes(effective)}${every}`;
}

function describeActivity(scheme: SchemeJson): string {
  const active = readValue(scheme, 'watermark_active');
  return active === undefined ? '–' : active === 1 ? 'works' : 'rests (watermarks)';
}

/** What schemes do now, and did altogether. */
export function tabulateSchemes({ schemes, wallMs }: SummaryEvent, rates: Rates): TableContent {
  const rows = schemes.map((scheme) => {
    const { kdamond, context, scheme: index, action } = scheme;
    const key = `${kdamond}/${context}/${index}`;
    const applied =
      readValue(scheme, 'applied_bytes_total') ??
      readValue(scheme, 'reclaimed_bytes_total') ??
      readValue(scheme, 'sorted_bytes_total');
    const tried = readValue(scheme, 'tried_bytes_total');
    const exceeded = readValue(scheme, 'quota_exceeded_total');
    const rate = (name: string, bytes: number | undefined): Cell =>
      rateCell(bytes === undefined ? undefined : rates.note(`${key} ${name}`, bytes, wallMs));
    return [
      { text: context === '' ? kdamond : `${kdamond}/${context}/${index}` },
      { text: action },
      rate('applied', applied),
      rate('tried', tried),
      applied === undefined ? { text: '–' } : bytesCell(applied),
      { text: describeQuota(scheme) },
      exceeded === undefined ? { text: '–' } : countCell(exceeded),
      { text: describeActivity(scheme) },
    ];
  });
  return {
    headings: [
      'scheme',
      'action',
      'applied',
      'tried',
      'applied in all',
      'quota',
      'times exceeded',
      'state',
    ],
    rows,
  };
}

/** Who monitors, and what that costs. */
export function tabulateKdamonds({ kdamonds, wallMs }: SummaryEvent, rates: Rates): TableContent {
  return {
    headings: ['kdamond', 'started by', 'state', 'operations', 'targets', 'schemes', 'CPU'],
    rows: kdamonds.map((kdamond) => {
      const { cpuSeconds, operations, nrSchemes, targets } = kdamond;
      const cpu =
        cpuSeconds === null ? undefined : rates.note(`cpu ${kdamond.kdamond}`, cpuSeconds, wallMs);
      return [
        { text: kdamond.kdamond },
        { text: kdamond.owner },
        { text: kdamond.isRunning ? 'running' : 'off' },
        { text: operations === null ? '–' : operations.join(', ') },
        countCell(targets.length),
        nrSchemes === null ? { text: '–' } : countCell(nrSchemes),
        { text: cpu === undefined ? '–' : formatShare(cpu) },
      ];
    }),
  };
}

/** How collecting fares. */
export function listHealth({ collector, source, damonStat, record }: SummaryEvent): Fact[] {
  const bandwidth = damonStat?.memoryBandwidthBytesPerSecond ?? null;
  return [
    { name: 'source', text: source.active ?? 'none is usable' },
    { name: 'snapshots', ...countCell(collector.snapshots) },
    { name: 'lost events', ...countCell(collector.lostEvents) },
    { name: 'spoiled snapshots', ...countCell(collector.spoiledSnapshots) },
    { name: 'busy retries', ...countCell(collector.busyRetries) },
    ...(bandwidth === null
      ? []
      : [{ name: 'memory bandwidth', text: formatByteRate(Number(bandwidth)) }]),
    ...(record === null
      ? []
      : [
          {
            name: 'record',
            text: `${record.isRecording ? 'recording' : 'failing'}, ${formatBytes(record.sizeBytes)}`,
          },
        ]),
  ];
}

/** What does not work, as sentences. */
export function listProblems({ collector, source, record }: SummaryEvent): string[] {
  // While one source works it does not matter why another would not.
  const sources = source.active === null ? Object.entries(source.problems) : [];
  return [
    ...sources.map(([name, problem]) => `${name}: ${problem}`),
    ...collector.problems.map(({ part, problem }) => `${part}: ${problem}`),
    ...(record?.isRecording === false ? ['the record cannot be written; the log says why'] : []),
  ];
}
