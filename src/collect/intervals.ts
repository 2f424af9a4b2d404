import type { KnownIntervals } from '../damon/observation.ts';
import type { Aggregation } from './source.ts';

export interface IntervalEvidence {
  /** What sysfs or a module's parameters say: staged values, possibly never committed. */
  readonly configured:
    { readonly sampleIntervalUs: number; readonly aggrIntervalUs: number } | undefined;
  /** The newest `damon_monitor_intervals_tune` event. */
  readonly tunedSampleIntervalUs: number | undefined;
  /** Median spacing of the last snapshots. */
  readonly measuredAggrIntervalUs: number | undefined;
}

/**
 * A kdamond that samples is always a little slower than configured (its sleeps and checks take
 * time), so small differences mean nothing. Beyond this share the staged values cannot be the
 * running ones: not committed, or tuned without an event.
 */
const MAX_DEVIATION = 0.5;

/**
 * The intervals in force. Auto-tuning keeps aggregation / sampling constant, so one of them and the
 * configured ratio give the other.
 */
export function computeIntervals(evidence: IntervalEvidence): KnownIntervals {
  const { configured, tunedSampleIntervalUs, measuredAggrIntervalUs: measured } = evidence;
  if (configured === undefined) {
    return { sampleIntervalUs: tunedSampleIntervalUs, aggrIntervalUs: measured };
  }
  const samplesPerAggr = configured.aggrIntervalUs / Math.max(configured.sampleIntervalUs, 1);
  const expected =
    tunedSampleIntervalUs === undefined
      ? configured
      : {
          sampleIntervalUs: tunedSampleIntervalUs,
          aggrIntervalUs: Math.round(tunedSampleIntervalUs * samplesPerAggr),
        };
  if (measured === undefined) return expected;
  const deviation =
    Math.abs(measured - expected.aggrIntervalUs) / Math.max(expected.aggrIntervalUs, 1);
  if (deviation <= MAX_DEVIATION) return expected;
  return {
    sampleIntervalUs: Math.max(Math.round(measured / samplesPerAggr), 1),
    aggrIntervalUs: measured,
  };
}

const NR_SPACINGS = 9;
/** Up to this multiple of the interval two snapshots are neighbours; beyond, one was missed. */
const NEIGHBOUR_FACTOR = 1.75;
/**
 * The same where none can have been missed: a kernel thread that waits for its CPU samples late.
 * Beyond, it did not sample at all (paused, deactivated by watermarks).
 */
const GAPLESS_FACTOR = 4;

/** The snapshots of one kdamond and target in time: spacing, and where each aggregation began. */
export class SnapshotStream {
  #lastEndNs: bigint | undefined;
  readonly #spacingsUs: number[] = [];

  /** Median of the last spacings in microseconds; undefined before the second snapshot. */
  get measuredAggrIntervalUs(): number | undefined {
    const sorted = this.#spacingsUs.toSorted((a, b) => a - b);
    return sorted[sorted.length >> 1];
  }

  /**
   * Takes note of a snapshot's end and gives its start: the previous end when they are neighbours,
   * one interval earlier when a snapshot is missing between them, the end itself when nothing is
   * known yet.
   */
  noteEnd(
    { endNs, isGapless }: Pick<Aggregation, 'endNs' | 'isGapless'>,
    aggrIntervalUs: number | undefined,
  ): bigint {
    const lastEndNs = this.#lastEndNs;
    this.#lastEndNs = endNs;
    const intervalNs =
      aggrIntervalUs === undefined ? undefined : BigInt(Math.round(aggrIntervalUs * 1000));
    if (lastEndNs === undefined || endNs <= lastEndNs) return endNs - (intervalNs ?? 0n);
    const spacingNs = endNs - lastEndNs;
    this.#spacingsUs.push(Math.round(Number(spacingNs) / 1000));
    if (this.#spacingsUs.length > NR_SPACINGS) this.#spacingsUs.shift();
    if (intervalNs === undefined) return lastEndNs;
    const factor = isGapless ? GAPLESS_FACTOR : NEIGHBOUR_FACTOR;
    const isNeighbour = Number(spacingNs) <= Number(intervalNs) * factor;
    return isNeighbour ? lastEndNs : endNs - intervalNs;
  }
}
