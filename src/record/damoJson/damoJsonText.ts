import { formatSize } from '../../base/format.ts';
import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../../base/uint64Halves.ts';
import type {
  RecordedFilter,
  RecordedRegions,
  RecordedSchemeStats,
  RecordedSnapshot,
  RecordedStream,
} from '../recording.ts';
import { encodeAscii } from '../write/textBuffer.ts';
import type { TextBuffer } from '../write/textBuffer.ts';

/** The layout of damo 3.4, to the byte: what Python's json makes with an indentation of 4. */
const INDENT = '    ';

type Json = string | number | bigint | boolean | null | readonly Json[] | JsonMap;
interface JsonMap {
  readonly [key: string]: Json;
}

/** Python escapes everything beyond ASCII. */
function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function formatJson(value: Json, depth: number): string {
  if (typeof value === 'string') return quote(value);
  if (value === null || typeof value !== 'object') return String(value);
  const [open, close, parts] = Array.isArray(value)
    ? (['[', ']', (value as readonly Json[]).map((part) => formatJson(part, depth + 1))] as const)
    : ([
        '{',
        '}',
        Object.entries(value as JsonMap).map(
          ([key, part]) => `${quote(key)}: ${formatJson(part, depth + 1)}`,
        ),
      ] as const);
  if (parts.length === 0) return open + close;
  const inner = `\n${INDENT.repeat(depth + 1)}`;
  return `${open}${inner}${parts.join(`,${inner}`)}\n${INDENT.repeat(depth)}${close}`;
}

function describeFilter(filter: RecordedFilter): Json {
  const { addrRange, hugepageSizeBytes, targetIndex } = filter;
  return {
    filter_type: filter.type,
    matching: filter.isMatching,
    allow: filter.isAllowing,
    memcg_path: filter.memcgPath ?? '',
    address_range: addrRange
      ? { start: addrRange.startAddr.toString(), end: addrRange.endAddr.toString() }
      : null,
    damon_target_idx: targetIndex === undefined ? null : String(targetIndex),
    hugepage_size: hugepageSizeBytes
      ? [hugepageSizeBytes.min.toString(), hugepageSizeBytes.max.toString()]
      : null,
    probe_hits_wsum_range: null,
  };
}

function describeIntervals({ intervals }: RecordedStream): Json {
  if (intervals === undefined) return null;
  const { goal } = intervals;
  return {
    sample_us: String(intervals.sampleIntervalUs),
    aggr_us: String(intervals.aggrIntervalUs),
    ops_update_us: String(intervals.updateIntervalUs),
    intervals_goal: {
      access_bp: (goal?.accessBp ?? 0).toFixed(6),
      aggrs: String(goal?.aggrs ?? 0),
      min_sample_us: String(goal?.minSampleIntervalUs ?? 0),
      max_sample_us: String(goal?.maxSampleIntervalUs ?? 0),
    },
  };
}

/** A number where it is one: damo knows no other names of kdamonds and targets. */
function describeIndex(text: string | undefined): Json {
  return text !== undefined && /^-?\d{1,20}$/.test(text) ? BigInt(text) : null;
}

/** From the opening brace of a record up to and with the bracket of its snapshots. */
export function formatRecordHead(stream: RecordedStream): string {
  const head = formatJson(
    {
      kdamond_idx: describeIndex(stream.kdamond),
      context_idx: stream.contextIndex ?? null,
      intervals: describeIntervals(stream),
      scheme_idx: stream.schemeIndex ?? null,
      target_id: describeIndex(stream.targetId),
      scheme_filters: stream.schemeFilters.map(describeFilter),
    },
    1,
  );
  return `${INDENT}${head.slice(0, -`\n${INDENT}}`.length)},\n${INDENT.repeat(2)}"snapshots": [`;
}

/** What follows the last snapshot of a record. */
export function formatRecordTail(stream: RecordedStream): string {
  const source = quote(stream.dataSource ?? 'unknown');
  return `\n${INDENT.repeat(2)}],\n${INDENT.repeat(2)}"data_source": ${source}\n${INDENT}}`;
}

/** Everything of a snapshot before its regions, with the bracket. */
export function formatSnapshotHead({ startNs, endNs, regions }: RecordedSnapshot): string {
  const pad = INDENT.repeat(3);
  const inner = INDENT.repeat(4);
  const times = `${inner}"start_time": "${startNs.toString()}",\n${inner}"end_time": "${endNs.toString()}",\n`;
  return `${pad}{\n${times}${inner}"regions": [${regions.count === 0 ? ']' : ''}`;
}

function describeStats(stats: RecordedSchemeStats): Json {
  return {
    nr_tried: stats.triedRegions.toString(),
    sz_tried: stats.triedBytes.toString(),
    nr_applied: stats.appliedRegions.toString(),
    sz_applied: stats.appliedBytes.toString(),
    sz_ops_filter_passed: stats.opsFilterPassedBytes.toString(),
    qt_exceeds: stats.quotaExceeds.toString(),
    nr_snapshots: stats.nrSnapshots.toString(),
    max_nr_snapshots: stats.maxNrSnapshots.toString(),
  };
}

function sumBytes({ count, startAddr, endAddr }: RecordedRegions): bigint {
  let sum = 0n;
  for (let index = 0; index < count; index += 1) {
    sum += (endAddr[index] ?? 0n) - (startAddr[index] ?? 0n);
  }
  return sum;
}

/** Everything of a snapshot behind its last region. */
export function formatSnapshotTail(snapshot: RecordedSnapshot): string {
  const { regions, totalBytes, schemeStats, sampleIntervalUs, stream } = snapshot;
  const inner = INDENT.repeat(4);
  const total = (totalBytes ?? sumBytes(regions)).toString();
  const stats = schemeStats === undefined ? 'null' : formatJson(describeStats(schemeStats), 4);
  // In µs, as damo reads it; without intervals nobody could tell that from the ns it writes itself.
  const isKnown = sampleIntervalUs !== undefined && stream.intervals !== undefined;
  const sample = isKnown ? quote(String(sampleIntervalUs)) : 'null';
  return [
    regions.count === 0 ? '' : `\n${inner}]`,
    `,\n${inner}"total_bytes": "${total}"`,
    `,\n${inner}"damos_stats": ${stats}`,
    `,\n${inner}"sample_interval_us": ${sample}\n${INDENT.repeat(3)}}`,
  ].join('');
}

const PAD = `\n${INDENT.repeat(6)}`;
const DEEP = `${PAD}${INDENT}`;
const REGION = {
  begin: encodeAscii(`\n${INDENT.repeat(5)}{${PAD}"start": "`),
  beginNext: encodeAscii(`,\n${INDENT.repeat(5)}{${PAD}"start": "`),
  end: encodeAscii(`",${PAD}"end": "`),
  samples: encodeAscii(`",${PAD}"nr_accesses": {${DEEP}"samples": `),
  age: encodeAscii(
    `,${DEEP}"percent": null${PAD}},${PAD}"age": {${DEEP}"usec": null,${DEEP}"aggr_intervals": "`,
  ),
  probes: encodeAscii(`"${PAD}},${PAD}"probe_hits": [`),
  noAge: encodeAscii(
    `,${DEEP}"percent": null${PAD}},${PAD}"age": {${DEEP}"usec": null,${DEEP}"aggr_intervals": null${PAD}},${PAD}"probe_hits": [`,
  ),
  passed: encodeAscii(`],${PAD}"sz_filter_passed": "`),
  nothingPassed: encodeAscii(`],${PAD}"sz_filter_passed": "0 B"\n${INDENT.repeat(5)}}`),
  tail: encodeAscii(`"\n${INDENT.repeat(5)}}`),
} as const;

/** Adds the regions `[from, to)`. */
export function addRegions(
  out: TextBuffer,
  regions: RecordedRegions,
  from: number,
  to: number,
): void {
  const { nrAccesses, ageIntervals, hasAges, probeHits, filterPassedBytes } = regions;
  const startHalves = viewUint64Halves(regions.startAddr);
  const endHalves = viewUint64Halves(regions.endAddr);
  for (let index = from; index < to; index += 1) {
    const low = 2 * index + LOW_HALF;
    const high = 2 * index + HIGH_HALF;
    out.addBytes(index === 0 ? REGION.begin : REGION.beginNext);
    out.addGroupedUint64(startHalves[low] ?? 0, startHalves[high] ?? 0);
    out.addBytes(REGION.end);
    out.addGroupedUint64(endHalves[low] ?? 0, endHalves[high] ?? 0);
    out.addBytes(REGION.samples);
    out.addUint64(nrAccesses[index] ?? 0, 0);
    if (hasAges) {
      out.addBytes(REGION.age);
      out.addGroupedUint64(ageIntervals[index] ?? 0, 0);
      out.addBytes(REGION.probes);
    } else {
      out.addBytes(REGION.noAge);
    }
    if (probeHits.length > 0) {
      const hits = probeHits.map((column) => `${DEEP}${column[index] ?? 0}`);
      out.addText(hits.join(',') + PAD);
    }
    if (filterPassedBytes === undefined) out.addBytes(REGION.nothingPassed);
    else {
      out.addBytes(REGION.passed);
      out.addText(formatSize(filterPassedBytes[index] ?? 0n));
      out.addBytes(REGION.tail);
    }
  }
}
