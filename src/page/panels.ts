import type { SchemeJson, SummaryEvent, TargetDetail } from '../live/liveEvents.ts';
import { formatCount } from '../base/format.ts';
import type { Cell, Fact, TableContent } from './dom.ts';
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

function bytesCell(bytes: number): Cell {
  return { text: formatBytes(bytes), title: formatExactBytes(bytes), value: bytes };
}

function countCell(count: number): Cell {
  return { text: formatCount(count), value: count };
}

/** The numbers of a target at a glance. */
export function listTiles(detail: TargetDetail, { target }: NamedTarget): Fact[] {
  const { wssBytes, monitoredBytes, regions, minRegions, maxRegions, cold } = detail;
  const share = (bytes: number): string =>
    monitoredBytes > 0 ? `${formatShare(bytes / monitoredBytes)} of it` : '';
  const [idle, coldBytes] = cold[Math.min(1, cold.length - 1)] ?? ['', 0];
  const hasLimits = minRegions !== null && maxRegions !== null;
  const ageSeconds = target.ageSeconds;
  return [
    { name: 'monitored', ...bytesCell(monitoredBytes) },
    { name: 'working set', ...bytesCell(wssBytes), note: share(wssBytes) },
    ...(cold.length === 0
      ? []
      : [{ name: `idle ${idle} or longer`, ...bytesCell(coldBytes), note: share(coldBytes) }]),
    {
      name: 'regions',
      ...countCell(regions),
      note: hasLimits ? `limits ${formatCount(minRegions)} and ${formatCount(maxRegions)}` : '',
    },
    {
      name: 'aggregation',
      text: formatUs(target.aggrIntervalUs),
      note: `sampled each ${formatUs(target.sampleIntervalUs)}`,
    },
    { name: 'newest snapshot', text: `${formatDuration(ageSeconds)} ago` },
  ];
}

export function tabulatePercentiles({ percentiles, wssBytes }: TargetDetail): TableContent {
  const highest = Math.max(1, wssBytes, ...percentiles.map(([, bytes]) => bytes));
  const name = (percentile: number): string =>
    percentile === 0 ? 'smallest' : percentile === 100 ? 'largest' : `p${percentile}`;
  return {
    headings: ['percentile', 'bytes'],
    nrTextColumns: 1,
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
    nrTextColumns: 1,
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

function nameScheme({ kdamond, context, scheme }: SchemeJson): string {
  if (context === '') return kdamond;
  return `kdamond ${kdamond}${context === '0' ? '' : `, context ${context}`}, scheme ${scheme}`;
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
      { text: nameScheme(scheme) },
      { text: action },
      { text: describeActivity(scheme) },
      { text: describeQuota(scheme) },
      rate('applied', applied),
      rate('tried', tried),
      applied === undefined ? { text: '–' } : bytesCell(applied),
      exceeded === undefined ? { text: '–' } : countCell(exceeded),
    ];
  });
  return {
    headings: [
      'scheme',
      'action',
      'state',
      'quota',
      'applied',
      'tried',
      'applied in all',
      'quota exceeded',
    ],
    nrTextColumns: 4,
    rows,
  };
}

/** Who monitors, and what that costs. */
export function tabulateKdamonds({ kdamonds, wallMs }: SummaryEvent, rates: Rates): TableContent {
  return {
    headings: ['kdamond', 'started by', 'state', 'operations', 'targets', 'schemes', 'CPU'],
    nrTextColumns: 4,
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
export function listHealth(summary: SummaryEvent, rates: Rates): Fact[] {
  const { collector, source, damonStat, record, process, wallMs } = summary;
  const cpu = rates.note('exporter cpu', process.cpuSeconds, wallMs);
  const bandwidth = damonStat?.memoryBandwidthBytesPerSecond ?? null;
  return [
    { name: 'source', text: source.active ?? 'none is usable' },
    { name: 'kernel', text: summary.kernelRelease ?? 'not known' },
    { name: 'snapshots', ...countCell(collector.snapshots) },
    { name: 'lost events', ...countCell(collector.lostEvents) },
    { name: 'spoiled snapshots', ...countCell(collector.spoiledSnapshots) },
    { name: 'busy retries', ...countCell(collector.busyRetries) },
    {
      name: `damon-exporter ${summary.version}`,
      text: process.residentBytes === undefined ? 'not known' : formatBytes(process.residentBytes),
      note: cpu === undefined ? '' : `${formatShare(cpu)} of a CPU`,
    },
    ...(bandwidth === null
      ? []
      : [{ name: 'memory bandwidth', text: formatByteRate(Number(bandwidth)) }]),
    ...(record === null
      ? []
      : [
          {
            name: 'record',
            text: formatBytes(record.sizeBytes),
            note: record.isRecording ? 'recording' : 'failing',
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
