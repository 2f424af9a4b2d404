import { FAMILY_GROUPS } from '../../src/metrics/families.ts';
import type { OtlpAttribute, OtlpPoint, OtlpRequest } from './otlpRequest.ts';
import { listMetrics } from './otlpRequest.ts';

/** Values by series, in one spelling whatever told them. */
export type SeriesValues = ReadonlyMap<string, number>;

/** One spelling for all: sorted labels, bounds as numbers; an empty label is none. */
export function formatSeries({
  __name__: name,
  ...labels
}: Readonly<Record<string, string>>): string {
  const given = Object.entries(labels).filter(([, value]) => value !== '');
  const pairs = given.map(([key, value]) =>
    key === 'le' ? [key, String(Number(value.replace('+Inf', 'Infinity')))] : [key, value],
  );
  return `${name}${JSON.stringify(pairs.sort())}`;
}

function parseLabels(text: string): Record<string, string> {
  const pairs = text.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
  return Object.fromEntries(
    [...pairs].map(([, key = '', value = '']) => [
      key,
      value.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char)),
    ]),
  );
}

/** Of an exposition as text 0.0.4 or OpenMetrics. */
export function parseExposition(text: string): SeriesValues {
  const samples = [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)];
  return new Map(
    samples.map(([, name = '', labels = '', value]) => [
      formatSeries({ __name__: name, ...parseLabels(labels) }),
      Number(value),
    ]),
  );
}

function readAttributes(attributes: readonly OtlpAttribute[] = []): Record<string, string> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? '']));
}

function listHistogram(name: string, point: OtlpPoint): [string, number][] {
  const labels = readAttributes(point.attributes);
  const { bucketCounts = [], explicitBounds = [] } = point;
  let total = 0n;
  const buckets = bucketCounts.map((count, index): [string, number] => {
    total += BigInt(count);
    const le = String(explicitBounds[index] ?? '+Inf');
    return [formatSeries({ __name__: `${name}_bucket`, ...labels, le }), Number(total)];
  });
  return [
    ...buckets,
    [formatSeries({ __name__: `${name}_sum`, ...labels }), point.sum ?? NaN],
    [formatSeries({ __name__: `${name}_count`, ...labels }), Number(point.count)],
  ];
}

/** Of a push, by the names of the scrape. */
export function convertPush(request: OtlpRequest): SeriesValues {
  const metrics = listMetrics(request);
  const families = FAMILY_GROUPS.flatMap((group) => group.families);
  return new Map(
    families.flatMap(({ name, otelName }) => {
      const { gauge, sum, histogram } = metrics.get(otelName) ?? {};
      const scalars = [gauge, sum].flatMap((points) => points?.dataPoints ?? []);
      return [
        ...scalars.map((point): [string, number] => [
          formatSeries({ __name__: name, ...readAttributes(point.attributes) }),
          point.asDouble ?? NaN,
        ]),
        ...(histogram?.dataPoints ?? []).flatMap((point) => listHistogram(name, point)),
      ];
    }),
  );
}
