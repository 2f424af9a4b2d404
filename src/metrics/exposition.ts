import { Registry } from 'prom-client';
import type { Metric, OpenMetricsContentType, RegistryContentType } from 'prom-client';
import { rememberFor } from '../base/rememberFor.ts';
import { formatCanonicalFloat } from './canonicalFloat.ts';
import { formatUnitSuffix } from './metricFamily.ts';
import type { FamilyBlock, MetricFamily } from './metricFamily.ts';
import { formatSampleLines } from './sampleLines.ts';
import type { FormatBounds } from './sampleLines.ts';

/** The text format 0.0.4, which every Prometheus reads. */
export const TEXT_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** OpenMetrics 1.0, which Prometheus asks for first: with units and an end that can be checked. */
export const OPENMETRICS_CONTENT_TYPE: OpenMetricsContentType = Registry.OPENMETRICS_CONTENT_TYPE;

/** What prom-client asks of a metric when it prints it, beyond what its types say. */
interface ConstantMetric {
  readonly name: string;
  readonly help: string;
  readonly type: 'gauge' | 'counter' | 'histogram' | 'info';
  readonly aggregator: 'sum';
  readonly get: () => Promise<ConstantMetric & { readonly values: readonly never[] }>;
  readonly reset: () => void;
}

/** What differs between the formats. */
interface Dialect {
  readonly contentType: RegistryContentType;
  readonly formatBounds: FormatBounds;
  /** Name and type in the head of a family. */
  readonly describe: (family: MetricFamily) => Pick<ConstantMetric, 'name' | 'type'>;
  /** What stands before each family but the first. */
  readonly separator: string;
  readonly isUnitTold: boolean;
}

const TEXT: Dialect = {
  contentType: Registry.PROMETHEUS_CONTENT_TYPE,
  formatBounds: rememberFor((bounds: readonly number[]) => bounds.map(String)),
  describe: ({ name, kind }) => ({ name, type: kind === 'info' ? 'gauge' : kind }),
  separator: '\n',
  isUnitTold: false,
};

const OPENMETRICS: Dialect = {
  contentType: OPENMETRICS_CONTENT_TYPE,
  formatBounds: rememberFor((bounds: readonly number[]) => bounds.map(formatCanonicalFloat)),
  // There the suffix belongs to the sample, not to the family.
  describe: ({ name, kind }) => ({ name: name.replace(/_total$|_info$/, ''), type: kind }),
  separator: '',
  isUnitTold: true,
};

/** prom-client tells no units: their line goes behind those of help and type. */
function formatUnitLine(name: string, unit: string): string {
  return unit === '' || !name.endsWith(`_${unit}`) ? '' : `# UNIT ${name} ${unit}\n`;
}

/** The lines before the samples. A registry of prom-client can speak one format only. */
async function printHead(family: MetricFamily, dialect: Dialect): Promise<string> {
  const { help, unit } = family;
  const { name, type } = dialect.describe(family);
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(dialect.contentType);
  const metric: ConstantMetric = {
    ...{ name, type, help, aggregator: 'sum' },
    reset: () => undefined,
    get: () => Promise.resolve({ ...metric, values: [] }),
  };
  // prom-client has no constant metrics; its registry takes any object it can get() values from.
  registry.registerMetric(metric as unknown as Metric);
  const unitLine = dialect.isUnitTold ? formatUnitLine(name, formatUnitSuffix(unit)) : '';
  return `${await registry.getSingleMetricAsString(name)}\n${unitLine}`;
}

/**
 * Blocks as bytes, to be sent one after the other. What was printed of a block and of a family is
 * kept for as long as they are.
 */
export type Encode = (blocks: readonly FamilyBlock[]) => Promise<Buffer[]>;

function createEncoder(dialect: Dialect): Encode {
  /** By the name of the family: there is a table of them, and they never change. */
  const heads = new Map<string, string>();
  const findFamilyText = rememberFor((family: MetricFamily) => {
    const lines = formatSampleLines(family, dialect.formatBounds);
    return Buffer.from(`${dialect.separator}${heads.get(family.name) ?? ''}${lines}`);
  });
  const findBlockText = rememberFor((block: FamilyBlock) =>
    Buffer.concat(block.map(findFamilyText)),
  );
  return async (blocks) => {
    for (const block of blocks) {
      for (const family of block) {
        if (!heads.has(family.name)) heads.set(family.name, await printHead(family, dialect));
      }
    }
    const texts = blocks.filter(({ length }) => length > 0).map(findBlockText);
    return texts.map((text, at) => (at === 0 ? text.subarray(dialect.separator.length) : text));
  };
}

/** Prints text 0.0.4. */
export function createTextEncoder(): Encode {
  return createEncoder(TEXT);
}

const END = Buffer.from('# EOF\n');

/** Prints OpenMetrics 1.0: with units, info as a type of its own, canonical bounds, an end. */
export function createOpenMetricsEncoder(): Encode {
  const encode = createEncoder(OPENMETRICS);
  return async (blocks) => [...(await encode(blocks)), END];
}
