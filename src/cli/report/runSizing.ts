import { RecordError, UsageError } from '../../base/errors.ts';
import { parseShare } from '../../base/units.ts';
import { selectLentSnapshots } from '../../report/selectSnapshots.ts';
import { computeSizing } from '../../report/sizing/sizing.ts';
import type { SizingAdvice } from '../../report/sizing/sizing.ts';
import { createSizingBuilder } from '../../report/sizing/sizingSeries.ts';
import type { SizingOptions } from '../../report/sizing/sizingSeries.ts';
import { formatSizing, formatSizingCsv, formatSizingJson } from '../../report/sizing/sizingText.ts';
import { parseColdAges } from '../coldAges.ts';
import { parseOption } from '../options.ts';
import { createStdoutSink, readRecord, visitSnapshots } from './readRecord.ts';
import { parseSelection, parseWhole } from './reportArguments.ts';
import type { RangeArguments, RecordArguments, TableArguments } from './reportOptions.ts';

export interface SizingArguments extends RecordArguments, RangeArguments, TableArguments {
  readonly headroom: string;
  readonly idle: string;
  readonly acc_thres: string;
  readonly exclude_samples: string;
  readonly raw_number: boolean;
}

/** More is no headroom but another machine. */
const MAX_HEADROOM_PERCENT = 1000;

function parseHeadroom(text: string): number {
  const percent = parseOption(() => parseShare(text, 'percent', '--headroom'));
  if (percent <= MAX_HEADROOM_PERCENT) return percent / 100;
  throw new UsageError(`--headroom: found "${text}", expected 0 to ${MAX_HEADROOM_PERCENT}%`);
}

function parseSizingOptions(args: SizingArguments): SizingOptions {
  return {
    excludeSamples: parseWhole('--exclude_samples', args.exclude_samples),
    accessThreshold: parseWhole('--acc_thres', args.acc_thres),
    idleUs: parseOption(() => parseColdAges(args.idle, '--idle')),
  };
}

/** @throws RecordError when nothing was measured: advice from nothing is none. */
function checkMeasured(all: readonly SizingAdvice[], { input, ...args }: SizingArguments): void {
  if (all.some(({ needed }) => needed.length > 0)) return;
  const hint =
    all.length === 0
      ? 'no snapshot has a region'
      : `there are no more snapshots than the first ${args.exclude_samples} that are left out; "--exclude_samples 0" leaves none out`;
  throw new RecordError({ operation: 'report on', path: input, hint });
}

/** Prints how much memory is needed and how much could be reclaimed. */
export async function runSizing(args: SizingArguments): Promise<void> {
  const selection = parseSelection(args);
  const headroom = parseHeadroom(args.headroom);
  const builder = createSizingBuilder(parseSizingOptions(args));
  await readRecord(args.input, async (reader) => {
    const batches = selectLentSnapshots(reader, selection, { withAges: true });
    await visitSnapshots({ batches, path: args.input }, selection, (snapshot) => {
      builder.add(snapshot);
    });
    const all = computeSizing(builder.finish(), headroom);
    checkMeasured(all, args);
    const text = { all, headroom };
    await createStdoutSink().write(
      args.json
        ? formatSizingJson(text)
        : args.csv
          ? formatSizingCsv(text)
          : formatSizing(text, args.raw_number),
    );
  });
}
