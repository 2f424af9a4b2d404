import type { WrittenFormat } from '../../record/write/formats.ts';
import type { CollectingArguments } from '../collecting/collectingOptions.ts';
import type { LogArguments } from '../options.ts';

/** The command line of `record` as yargs gives it; texts are not checked yet. */
export interface RecordingArguments extends LogArguments, CollectingArguments {
  readonly out: string;
  readonly output_permission: string;
  readonly output_type: WrittenFormat;
  readonly timeout?: string | undefined;
  readonly quiet: boolean;
  readonly 'dry-run': boolean;
}
