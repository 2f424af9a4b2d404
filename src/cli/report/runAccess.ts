import { RecordError } from '../../base/errors.ts';
import type { RecordedSnapshot, RecordedStream } from '../../record/recording.ts';
import { viewAccess } from '../../report/access/accessRegions.ts';
import { formatAccess, formatAccessJson } from '../../report/access/accessText.ts';
import type { AccessStyle } from '../../report/access/accessText.ts';
import type { TerminalColorSet } from '../../report/heatmap/terminalHeatmap.ts';
import { selectSnapshots } from '../../report/selectSnapshots.ts';
import { createStdoutSink, readRecord, visitSnapshots } from './readRecord.ts';
import { parseSelection, parseWhole } from './reportArguments.ts';
import type { JsonArguments, RangeArguments, RecordArguments } from './reportOptions.ts';

export interface AccessArguments extends RecordArguments, RangeArguments, JsonArguments {
  readonly style: AccessStyle;
  readonly raw_number: boolean;
  readonly temperature_weights?: readonly string[] | undefined;
  readonly stdout_heatmap_color: TerminalColorSet;
}

/** Prints the latest snapshot of each target. */
export async function runAccess(args: AccessArguments): Promise<void> {
  const selection = parseSelection(args);
  const [size = 0, accessRate = 100, age = 100] =
    args.temperature_weights?.map((text) => parseWhole('--temperature_weights', text)) ?? [];
  // Ranges by size would only tell how large regions are.
  const weights = { size: args.style === 'detailed' ? size : 0, accessRate, age };
  await readRecord(args.input, async (reader) => {
    const latest = new Map<RecordedStream, RecordedSnapshot>();
    let baseNs: bigint | undefined;
    const batches = selectSnapshots(reader, selection);
    await visitSnapshots({ batches, path: args.input }, selection, (snapshot) => {
      baseNs ??= snapshot.startNs;
      latest.set(snapshot.stream, snapshot);
    });
    const views = [...latest.values()].flatMap((snapshot) => viewAccess(snapshot, weights) ?? []);
    if (views.length === 0) {
      throw new RecordError({
        operation: 'report on',
        path: args.input,
        hint: 'the record does not tell the monitoring intervals, so neither rates nor ages are known; "report raw" shows the counts',
      });
    }
    const isColored = process.stdout.isTTY && !process.env['NO_COLOR'];
    const { style, raw_number: isRaw, stdout_heatmap_color: colorSet } = args;
    await createStdoutSink().write(
      args.json
        ? formatAccessJson(views)
        : formatAccess(views, { style, colorSet, isColored, isRaw, baseNs: baseNs ?? 0n }),
    );
  });
}
