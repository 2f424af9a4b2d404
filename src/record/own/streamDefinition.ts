import type { RecordedFilter, RecordedIntervals, RecordedStream } from '../recording.ts';

/**
 * A stream as JSON, in every block that has snapshots of it. The text is also what tells streams
 * apart in a reader: equal texts are one stream, so streams that are equal but for their identity
 * are numbered (`twin`).
 */
interface StreamDefinition extends Omit<RecordedStream, 'schemeFilters'> {
  readonly schemeFilters?: readonly FilterDefinition[];
  readonly twin?: number;
}

interface FilterDefinition extends Omit<RecordedFilter, 'addrRange' | 'hugepageSizeBytes'> {
  readonly addrRange?: readonly [string, string];
  readonly hugepageSizeBytes?: readonly [string, string];
}

function defineFilter(filter: RecordedFilter): FilterDefinition {
  const { addrRange, hugepageSizeBytes, type, isMatching, isAllowing } = filter;
  const { memcgPath, targetIndex } = filter;
  return {
    type,
    isMatching,
    isAllowing,
    memcgPath,
    targetIndex,
    ...(addrRange && { addrRange: [String(addrRange.startAddr), String(addrRange.endAddr)] }),
    ...(hugepageSizeBytes && {
      hugepageSizeBytes: [String(hugepageSizeBytes.min), String(hugepageSizeBytes.max)],
    }),
  };
}

function formatDefinition(stream: RecordedStream, twin: number): string {
  // Named one by one: the order of keys must not depend on how the object was made.
  const { kdamond, contextIndex, schemeIndex, targetId, targetName, intervals, dataSource } =
    stream;
  const definition: StreamDefinition = {
    kdamond,
    contextIndex,
    schemeIndex,
    targetId,
    targetName,
    intervals: intervals && {
      sampleIntervalUs: intervals.sampleIntervalUs,
      aggrIntervalUs: intervals.aggrIntervalUs,
      updateIntervalUs: intervals.updateIntervalUs,
      goal: intervals.goal && {
        accessBp: intervals.goal.accessBp,
        aggrs: intervals.goal.aggrs,
        minSampleIntervalUs: intervals.goal.minSampleIntervalUs,
        maxSampleIntervalUs: intervals.goal.maxSampleIntervalUs,
      },
    },
    dataSource,
    ...(stream.schemeFilters.length > 0 && {
      schemeFilters: stream.schemeFilters.map(defineFilter),
    }),
    ...(twin > 0 && { twin }),
  };
  return JSON.stringify(definition);
}

/** Gives each stream its text. Lives as long as the writer, over all its files. */
export interface StreamDefiner {
  define(stream: RecordedStream): string;
}

export function createStreamDefiner(): StreamDefiner {
  const definitions = new WeakMap<RecordedStream, string>();
  const nrTwins = new Map<string, number>();
  return {
    define: (stream) => {
      let definition = definitions.get(stream);
      if (definition === undefined) {
        const first = formatDefinition(stream, 0);
        const twin = nrTwins.get(first) ?? 0;
        nrTwins.set(first, twin + 1);
        definition = twin === 0 ? first : formatDefinition(stream, twin);
        definitions.set(stream, definition);
      }
      return definition;
    },
  };
}

class Fields {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== 'object' || value === null) throw new RangeError('no JSON object');
    this.#values = value as Record<string, unknown>;
  }

  optional<T>(key: string, parse: (value: unknown) => T): T | undefined {
    const value = this.#values[key];
    return value === undefined || value === null ? undefined : parse(value);
  }

  required<T>(key: string, parse: (value: unknown) => T): T {
    return parse(this.#values[key]);
  }
}

function parseText(value: unknown): string {
  if (typeof value !== 'string') throw new RangeError('no text where one belongs');
  return value;
}

function parseNumber(value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw new RangeError('no number where one belongs');
  }
  return value;
}

function parseSwitch(value: unknown): boolean {
  if (typeof value !== 'boolean') throw new RangeError('no switch where one belongs');
  return value;
}

function parsePair(value: unknown): [bigint, bigint] {
  const [first, second] = Array.isArray(value) ? (value as unknown[]) : [];
  const parse = (text: unknown): bigint => {
    if (typeof text !== 'string' || !/^\d{1,20}$/.test(text)) {
      throw new RangeError('no whole number where one belongs');
    }
    return BigInt(text);
  };
  return [parse(first), parse(second)];
}

/** Undefined where nothing can be computed from them. */
function parseIntervals(value: unknown): RecordedIntervals | undefined {
  const fields = new Fields(value);
  const intervals = {
    sampleIntervalUs: fields.required('sampleIntervalUs', parseNumber),
    aggrIntervalUs: fields.required('aggrIntervalUs', parseNumber),
    updateIntervalUs: fields.required('updateIntervalUs', parseNumber),
    goal: fields.optional('goal', (goal) => {
      const goalFields = new Fields(goal);
      return {
        accessBp: goalFields.required('accessBp', parseNumber),
        aggrs: goalFields.required('aggrs', parseNumber),
        minSampleIntervalUs: goalFields.required('minSampleIntervalUs', parseNumber),
        maxSampleIntervalUs: goalFields.required('maxSampleIntervalUs', parseNumber),
      };
    }),
  };
  const areUsable = intervals.sampleIntervalUs > 0 && intervals.aggrIntervalUs > 0;
  return areUsable ? intervals : undefined;
}

function parseFilter(value: unknown): RecordedFilter {
  const fields = new Fields(value);
  const addrRange = fields.optional('addrRange', parsePair);
  const hugepages = fields.optional('hugepageSizeBytes', parsePair);
  return {
    type: fields.required('type', parseText),
    isMatching: fields.required('isMatching', parseSwitch),
    isAllowing: fields.required('isAllowing', parseSwitch),
    memcgPath: fields.optional('memcgPath', parseText),
    addrRange: addrRange && { startAddr: addrRange[0], endAddr: addrRange[1] },
    targetIndex: fields.optional('targetIndex', parseNumber),
    hugepageSizeBytes: hugepages && { min: hugepages[0], max: hugepages[1] },
  };
}

/** @throws RangeError or SyntaxError when the text is no definition. */
export function parseStreamDefinition(text: string): RecordedStream {
  const fields = new Fields(JSON.parse(text));
  return {
    kdamond: fields.optional('kdamond', parseText),
    contextIndex: fields.optional('contextIndex', parseNumber),
    schemeIndex: fields.optional('schemeIndex', parseNumber),
    targetId: fields.optional('targetId', parseText),
    targetName: fields.optional('targetName', parseText),
    intervals: fields.optional('intervals', parseIntervals),
    schemeFilters:
      fields.optional('schemeFilters', (list) => {
        if (!Array.isArray(list)) throw new RangeError('no list where one belongs');
        return (list as unknown[]).map(parseFilter);
      }) ?? [],
    dataSource: fields.optional('dataSource', parseText),
  };
}

/** A hostile file defines new streams in every block. */
const MAX_DEFINITION_CHARACTERS = 16 << 20;

/** Makes one object of equal definitions. Lives as long as the reader, over all its files. */
export interface StreamInterner {
  intern(definition: string): RecordedStream;
}

export function createStreamInterner(): StreamInterner {
  const streams = new Map<string, RecordedStream>();
  let nrCharacters = 0;
  return {
    intern: (definition) => {
      let stream = streams.get(definition);
      if (stream === undefined) {
        nrCharacters += definition.length;
        if (nrCharacters > MAX_DEFINITION_CHARACTERS) {
          throw new RangeError('definitions of more streams than any record has');
        }
        stream = parseStreamDefinition(definition);
        streams.set(definition, stream);
      }
      return stream;
    },
  };
}
