import type { Options } from 'yargs';
import { defineOptions } from '../options.ts';

/** Which of the streams of a record. */
export const STREAM_OPTIONS: Record<string, Options> = defineOptions({
  tid: { type: 'string', describe: 'only the target of this id', group: 'Record:' },
  kdamond_idx: { type: 'string', describe: 'only this kdamond', group: 'Record:' },
  context_idx: { type: 'string', describe: 'only this context', group: 'Record:' },
  scheme_idx: { type: 'string', describe: "only this scheme's snapshots", group: 'Record:' },
});

/** Which record, and which part of it: every report has these. */
export const RECORD_OPTIONS: Record<string, Options> = {
  ...defineOptions({
    input: {
      alias: 'i',
      type: 'string',
      default: './damon.data',
      describe: 'record to read, of any format',
      group: 'Record:',
    },
  }),
  ...STREAM_OPTIONS,
};

export interface RecordArguments {
  readonly input: string;
  readonly tid?: string | undefined;
  readonly kdamond_idx?: string | undefined;
  readonly context_idx?: string | undefined;
  readonly scheme_idx?: string | undefined;
}

/** The part of a record that is read. */
export const RANGE_OPTIONS: Record<string, Options> = defineOptions({
  time_range: {
    type: 'string',
    nargs: 2,
    describe: "only snapshots in this span of the record's clock: START END, in ns or with units",
    group: 'Record:',
  },
  address_range: {
    type: 'string',
    nargs: 2,
    describe: 'only addresses in this range: START END, in bytes, with units, or 0x…',
    group: 'Record:',
  },
});

export interface RangeArguments {
  readonly time_range?: readonly string[] | undefined;
  readonly address_range?: readonly string[] | undefined;
}

const JSON_OPTION: Options = {
  type: 'boolean',
  describe: 'JSON, 64-bit values as decimal text',
  group: 'Output:',
};

export const JSON_OPTIONS: Record<string, Options> = { json: JSON_OPTION };

export const TABLE_OPTIONS: Record<string, Options> = {
  json: { ...JSON_OPTION, conflicts: 'csv' },
  csv: { type: 'boolean', describe: 'CSV with a heading', group: 'Output:' },
};

export interface JsonArguments {
  readonly json?: boolean | undefined;
}

export interface TableArguments extends JsonArguments {
  readonly csv?: boolean | undefined;
}

export const COLOR_SET_OPTION: Options = {
  choices: ['gray', 'flame', 'emotion'],
  default: 'gray',
  describe: 'colours of a heatmap on the terminal',
  group: 'Output:',
};

export const EXCLUDE_OPTIONS: Record<string, Options> = defineOptions({
  exclude_samples: {
    type: 'string',
    default: '20',
    describe: 'snapshots left out at the beginning of each target',
    group: 'Measuring:',
  },
});

export const ACCESS_THRESHOLD_OPTIONS: Record<string, Options> = defineOptions({
  acc_thres: {
    alias: 't',
    type: 'string',
    default: '1',
    describe: 'accesses a region needs to count',
    group: 'Measuring:',
  },
});

export const PERCENTILE_OPTIONS: Record<string, Options> = {
  ...defineOptions({
    range: {
      alias: 'r',
      type: 'string',
      nargs: 3,
      describe: 'percentiles to print: START STOP STEP [default: 0 101 25]',
      group: 'Output:',
    },
  }),
  ...EXCLUDE_OPTIONS,
};

export interface PercentileArguments {
  readonly range?: readonly string[] | undefined;
  readonly exclude_samples: string;
}

export const RAW_NUMBER_OPTIONS: Record<string, Options> = defineOptions({
  raw_number: {
    type: 'boolean',
    default: false,
    describe: 'plain numbers (ns, bytes) instead of units',
    group: 'Output:',
  },
});

/** In us: each snapshot is measured by itself. */
export const DEFAULT_WORK_TIME = '1';
