import { Registry } from 'prom-client';
import type { Metric, OpenMetricsContentType, RegistryContentType } from 'prom-client';
import { rememberFor } from '../base/rememberFor.ts';
import { formatCanonicalFloat } from './canonicalFloat.ts';
import { formatUnitSuffix } from './metricFamily.ts';
import type { HistogramPoint, Labels, MetricFamily } from './metricFamily.ts';

/** The text format 0.0.4, which every Prometheus reads. */
export const TEXT_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** OpenMetrics 1.0, which Prometheus asks for first: with units and an end that can be checked. */
export const OPENMETRICS_CONTENT_TYPE: OpenMetricsContentType = Registry.OPENMETRICS_CONTENT_TYPE;

interface EncodedValue {
  readonly metricName: string;
  readonly labels: Labels;
  /** prom-client would make an object of its own for every value, and remember it. */
  readonly sharedLabels: Labels;
  readonly value: number;
}

const NO_LABELS: Labels = {};

/** What prom-client asks of a metric when it prints it, beyond what its types say. */
interface ConstantMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram' | 'info';
  readonly aggregator: 'sum';
  readonly get: () => Promise<ConstantMetric & { readonly values: readonly EncodedValue[] }>;
  readonly reset: () => void;
}

/** What differs between the formats. */
interface Dialect {
  readonly contentType: RegistryContentType;
  /** Of a histogram's `le`, in order. */
  readonly formatBounds: (bounds: readonly number[]) => readonly string[];
  /** Name and type in the head of a family. */
  readonly describe: (family: MetricFamily) => Pick<ConstantMetric, 'name' | 'type'>;
}

const TEXT: Dialect = {
  contentType: Registry.PROMETHEUS_CONTENT_TYPE,
  formatBounds: rememberFor((bounds: readonly number[]) => bounds.map(String)),
  describe: ({ name, kind }) => ({ name, type: kind === 'info' ? 'gauge' : kind }),
};

const OPENMETRICS: Dialect = {
  contentType: OPENMETRICS_CONTENT_TYPE,
  formatBounds: rememberFor((bounds: readonly number[]) => bounds.map(formatCanonicalFloat)),
  // There the suffix belongs to the sample, not to the family.
  describe: ({ name, kind }) => ({ name: name.replace(/_total$|_info$/, ''), type: kind }),
};

function escapeLabelValue(value: string): string {
  return /[\\"\n]/.test(value)
    ? value.replace(/[\\"\n]/g, (found) => (found === '\n' ? '\\n' : `\\${found}`))
    : value;
}

function formatLabels(labels: Labels): string {
  let text = '';
  for (const name of Object.keys(labels)) {
    text += `${text === '' ? '' : ','}${name}="${escapeLabelValue(labels[name] ?? '')}"`;
  }
  return text;
}

/** prom-client takes five times as long to put names and labels together, and garbage with it. */
function encodeValue(name: string, labels: string, value: number): EncodedValue {
  const metricName = labels === '' ? name : `${name}{${labels}}`;
  return { metricName, labels: NO_LABELS, sharedLabels: NO_LABELS, value };
}

function encodeHistogram(name: string, point: HistogramPoint, dialect: Dialect): EncodedValue[] {
  const { bounds, cumulativeCounts, sum } = point;
  const labels = formatLabels(point.labels);
  const prefix = labels === '' ? 'le="' : `${labels},le="`;
  const limits = dialect.formatBounds(bounds);
  const values = cumulativeCounts.map((count, index) =>
    encodeValue(`${name}_bucket`, `${prefix}${limits[index] ?? '+Inf'}"`, Number(count)),
  );
  const count = Number(cumulativeCounts.at(-1) ?? 0n);
  values.push(encodeValue(`${name}_sum`, labels, sum));
  values.push(encodeValue(`${name}_count`, labels, count));
  return values;
}

function encodeValues(family: MetricFamily, dialect: Dialect): EncodedValue[] {
  const { name, kind, points } = family;
  if (kind === 'histogram') {
    return points.flatMap((point) => encodeHistogram(name, point, dialect));
  }
  if (kind === 'counter' && dialect === OPENMETRICS) {
    // There prom-client appends the suffix of counters behind the name it is given.
    const metricName = name.replace(/_total$/, '');
    return points.map(({ labels, value }) => ({
      ...{ metricName, labels, sharedLabels: NO_LABELS },
      value: Number(value),
    }));
  }
  return points.map(({ labels, value }) => encodeValue(name, formatLabels(labels), Number(value)));
}

function createConstantMetric(family: MetricFamily, dialect: Dialect): ConstantMetric {
  const metric: ConstantMetric = {
    ...dialect.describe(family),
    help: family.help,
    aggregator: 'sum',
    reset: () => undefined,
    get: () => Promise.resolve({ ...metric, values: encodeValues(family, dialect) }),
  };
  return metric;
}

/** What prom-client makes of one family. A registry of prom-client can speak one format only. */
function printFamily(family: MetricFamily, dialect: Dialect): Promise<string> {
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(dialect.contentType);
  const metric = createConstantMetric(family, dialect);
  // prom-client has no constant metrics; its registry takes any object it can get() values from.
  registry.registerMetric(metric as unknown as Metric);
  return registry.getSingleMetricAsString(metric.name);
}

/** Most families are asked for several times before they change. */
const findText = rememberFor(async (family: MetricFamily) =>
  Buffer.from(`${await printFamily(family, TEXT)}\n`),
);

const LINE_BREAK = Buffer.from('\n');

/** Families as text 0.0.4. */
export async function encodeText(families: readonly MetricFamily[]): Promise<Buffer> {
  const texts = await Promise.all(families.map(findText));
  return Buffer.concat(texts.flatMap((text, at) => (at === 0 ? [text] : [LINE_BREAK, text])));
}

/** prom-client tells no units: their line goes behind those of help and type. */
function insertUnit(text: string, name: string, unit: string): string {
  if (unit === '' || !name.endsWith(`_${unit}`)) return text;
  const endOfHead = text.indexOf('\n', text.indexOf('\n') + 1);
  return `${text.slice(0, endOfHead)}\n# UNIT ${name} ${unit}${text.slice(endOfHead)}`;
}

const findOpenMetrics = rememberFor(async (family: MetricFamily) => {
  const { name } = OPENMETRICS.describe(family);
  const text = await printFamily(family, OPENMETRICS);
  return Buffer.from(`${insertUnit(text, name, formatUnitSuffix(family.unit))}\n`);
});

const END = Buffer.from('# EOF\n');

/** Families as OpenMetrics 1.0: units, info as a type of its own, canonical bounds, an end. */
export async function encodeOpenMetrics(families: readonly MetricFamily[]): Promise<Buffer> {
  return Buffer.concat([...(await Promise.all(families.map(findOpenMetrics))), END]);
}
