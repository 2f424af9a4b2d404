import { requireField } from './traceFormat.ts';
import type { EventFormat, FormatField } from './traceFormat.ts';

/** Byte offsets into the payload of one kind of event; `size` bytes must be there. */
export interface AggregatedLayout {
  readonly id: number;
  readonly size: number;
  readonly pid: number;
  readonly targetId: number;
  readonly nrRegions: number;
  readonly start: number;
  readonly end: number;
  readonly nrAccesses: number;
  /** Absent before 5.17. */
  readonly age: number | undefined;
}

/** The same region once more, with the hits of its probes. */
export interface ProbedLayout {
  readonly id: number;
  /** Of the part before the hits. */
  readonly size: number;
  readonly pid: number;
  readonly targetId: number;
  readonly start: number;
  /** A word of offset (low half) and length (high half) of one byte per probe. */
  readonly hits: number;
}

export interface IntervalsTuneLayout {
  readonly id: number;
  readonly size: number;
  readonly pid: number;
  readonly sampleUs: number;
  readonly sampleUsSize: 4 | 8;
}

/** Everything the page parser must know about events. */
export interface EventLayouts {
  readonly aggregated: AggregatedLayout;
  /** Since 6.17. */
  readonly intervalsTune: IntervalsTuneLayout | undefined;
  /** Since 7.2. */
  readonly probed: ProbedLayout | undefined;
}

function computeEnd(...fields: readonly (FormatField | undefined)[]): number {
  return Math.max(...fields.map((field) => (field === undefined ? 0 : field.offset + field.size)));
}

/**
 * Layout of `damon_aggregated`: one event per region and aggregation.
 *
 * @throws KernelError when a field is missing or of another size; addresses of 4 bytes (32-bit
 * kernels) are refused.
 */
export function computeAggregatedLayout(format: EventFormat, path: string): AggregatedLayout {
  const pid = requireField(format, 'common_pid', 4, path);
  const targetId = requireField(format, 'target_id', 8, path);
  const nrRegions = requireField(format, 'nr_regions', 4, path);
  const start = requireField(format, 'start', 8, path);
  const end = requireField(format, 'end', 8, path);
  const nrAccesses = requireField(format, 'nr_accesses', 4, path);
  const age = format.fields.has('age') ? requireField(format, 'age', 4, path) : undefined;
  return {
    id: format.id,
    size: computeEnd(pid, targetId, nrRegions, start, end, nrAccesses, age),
    pid: pid.offset,
    targetId: targetId.offset,
    nrRegions: nrRegions.offset,
    start: start.offset,
    end: end.offset,
    nrAccesses: nrAccesses.offset,
    age: age?.offset,
  };
}

/**
 * Layout of `damon_monitor_intervals_tune`: the sampling interval a kdamond has just tuned itself to.
 *
 * @throws KernelError when a field is missing or of another size.
 */
export function computeIntervalsTuneLayout(format: EventFormat, path: string): IntervalsTuneLayout {
  const pid = requireField(format, 'common_pid', 4, path);
  const size = format.fields.get('sample_us')?.size === 4 ? 4 : 8;
  const sampleUs = requireField(format, 'sample_us', size, path);
  return {
    id: format.id,
    size: computeEnd(pid, sampleUs),
    pid: pid.offset,
    sampleUs: sampleUs.offset,
    sampleUsSize: size,
  };
}

/**
 * Layout of `damon_region_aggregated`, which comes behind each `damon_aggregated` of a context that
 * has probes.
 *
 * @throws KernelError when a field is missing or of another size.
 */
export function computeProbedLayout(format: EventFormat, path: string): ProbedLayout {
  const pid = requireField(format, 'common_pid', 4, path);
  const targetId = requireField(format, 'target_id', 8, path);
  const start = requireField(format, 'start', 8, path);
  const hits = requireField(format, 'probe_hits', 4, path);
  return {
    id: format.id,
    size: computeEnd(pid, targetId, start, hits),
    pid: pid.offset,
    targetId: targetId.offset,
    start: start.offset,
    hits: hits.offset,
  };
}
