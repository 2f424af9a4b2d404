/** `info` is a gauge of value 1 whose labels are the message. */
export type MetricKind = 'gauge' | 'counter' | 'histogram' | 'info';

/**
 * UCUM, as OpenTelemetry writes units: bytes, seconds, ratio, bytes per second, `{counted things}`,
 * and '' for switches and info. The Prometheus suffix follows from it.
 */
export type MetricUnit = 'By' | 's' | '1' | 'By/s' | '' | `{${string}}`;

/** Label names as in Prometheus; an absent key means the kernel does not tell. */
export type Labels = Readonly<Record<string, string>>;

export interface ScalarPoint {
  readonly labels: Labels;
  /** A bigint stays exact until an encoder makes it a double. */
  readonly value: number | bigint;
}

export interface HistogramPoint {
  readonly labels: Labels;
  /** Upper bounds, ascending, without +Inf. */
  readonly bounds: readonly number[];
  /** Observations at or below each bound, then all of them: one more entry than `bounds`. */
  readonly cumulativeCounts: readonly bigint[];
  readonly sum: number;
  /**
   * Since when it counts, CLOCK_MONOTONIC of the observed kernel. It moves when counting begins again
   * at 0, which happens before a count reaches 2^63.
   */
  readonly startNs: bigint;
}

/** A use of a family, for its documentation. */
export interface MetricExample {
  /** One sentence: what the answer to the query is. */
  readonly answers: string;
  /** PromQL that names the family. */
  readonly query: string;
}

interface FamilyHead {
  /** As Prometheus sees it, with unit and `_total`. */
  readonly name: string;
  /** As OpenTelemetry sees it: dotted, without unit. `formatPrometheusName` makes `name` of it. */
  readonly otelName: string;
  readonly unit: MetricUnit;
  /** One sentence: what the value is. */
  readonly help: string;
  /** Where the kernel says it; undefined for what the exporter knows by itself. */
  readonly kernelSource?: string;
  /** When there is no series, as it goes on from "Absent …"; undefined: there always is one. */
  readonly absent?: string;
  readonly example: MetricExample;
  /** Every label a point can carry. */
  readonly labels: readonly string[];
}

/** One row of the family table. `Input` is what the values are computed from. */
export type FamilySpec<Input> = FamilyHead &
  (
    | {
        readonly kind: 'gauge' | 'counter' | 'info';
        readonly computePoints: (input: Input) => readonly ScalarPoint[];
      }
    | {
        readonly kind: 'histogram';
        readonly computePoints: (input: Input) => readonly HistogramPoint[];
      }
  );

/** One family with its values of now: what every encoder gets. Never changed. */
export type MetricFamily = Pick<FamilyHead, 'name' | 'otelName' | 'unit' | 'help'> &
  (
    | {
        readonly kind: 'gauge' | 'counter' | 'info';
        readonly points: readonly ScalarPoint[];
      }
    | { readonly kind: 'histogram'; readonly points: readonly HistogramPoint[] }
  );

/** Families that are told one after the other. Never changed. */
export type FamilyBlock = readonly MetricFamily[];

const UNIT_SUFFIX: Readonly<Record<string, string>> = {
  By: 'bytes',
  s: 'seconds',
  '1': 'ratio',
  'By/s': 'bytes_per_second',
};

/** How a unit ends a Prometheus name; '' where it does not. */
export function formatUnitSuffix(unit: MetricUnit): string {
  return UNIT_SUFFIX[unit] ?? '';
}

/**
 * The Prometheus name that an OpenTelemetry name stands for, by OpenTelemetry's own rules: a ratio is
 * in the names of gauges only.
 */
export function formatPrometheusName(
  family: Pick<FamilyHead, 'otelName' | 'unit'> & { readonly kind: MetricKind },
): string {
  const isUnitNamed = family.unit !== '1' || family.kind === 'gauge';
  const unitSuffix = isUnitNamed ? formatUnitSuffix(family.unit) : '';
  const suffixes = [unitSuffix, family.kind === 'counter' ? 'total' : ''];
  const base = family.otelName.replaceAll('.', '_');
  return [base, ...suffixes.filter((suffix) => suffix !== '')].join('_');
}

/** A point, or none where the kernel does not tell. */
export function pointIfKnown(labels: Labels, value: number | bigint | undefined): ScalarPoint[] {
  return value === undefined ? [] : [{ labels, value }];
}
