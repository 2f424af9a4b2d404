import { UsageError } from '../../base/errors.ts';
import { parseSizeBytes, parseTime } from '../../base/units.ts';
import { labelStreams } from '../../report/streams.ts';
import { sumSeries } from '../../report/wss/sumSeries.ts';
import { computeWssDistribution } from '../../report/wss/wssDistribution.ts';
import type { WssDistribution, WssOrder } from '../../report/wss/wssDistribution.ts';
import { createWssBuilder } from '../../report/wss/wssSeries.ts';
import type { WssOptions } from '../../report/wss/wssOptions.ts';
import type { WssRecord } from '../../report/wss/wssSeries.ts';
import { formatWss, formatWssCsv, formatWssJson } from '../../report/wss/wssText.ts';
import { parseOption } from '../options.ts';
import { checkPicturePath } from './picturePath.ts';
import { readPackageInfo } from '../packageInfo.ts';
import { createStdoutSink, readRecord, visitSnapshots } from './readRecord.ts';
import { checkWhole, parsePercentiles, parseSelection } from './reportArguments.ts';
import type {
  PercentileArguments,
  RangeArguments,
  RecordArguments,
  TableArguments,
} from './reportOptions.ts';

export interface WssArguments
  extends RecordArguments, RangeArguments, TableArguments, PercentileArguments {
  readonly acc_thres: number;
  readonly sz_thres: string;
  readonly work_time: string;
  readonly sortby: WssOrder;
  readonly plot?: string | undefined;
  readonly nr_cols_bar: number;
  readonly raw_number: boolean;
  readonly all_wss: boolean;
  readonly per_target: boolean;
  readonly collapse_targets: boolean;
}

function parseWssOptions(args: WssArguments): WssOptions {
  return {
    excludeSamples: checkWhole('--exclude_samples', args.exclude_samples, 0),
    accessThreshold: checkWhole('--acc_thres', args.acc_thres, 0),
    sizeThreshold: parseOption(() => parseSizeBytes(args.sz_thres, '--sz_thres')),
    workTimeNs: parseOption(() => parseTime(args.work_time, 'us', '--work_time')) * 1000n,
  };
}

/** Each target by itself, then all together where there are several. */
function listDistributions(
  { series }: WssRecord,
  args: WssArguments,
  percentiles: readonly number[],
): WssDistribution[] {
  const how = { order: args.sortby, percentiles };
  const labels = labelStreams(series.map(({ stream }) => stream));
  const each = series.map(({ bytes }, index) =>
    computeWssDistribution(labels[index] ?? '', bytes, how),
  );
  if (series.length < 2 || args.per_target) return each;
  const sum = computeWssDistribution('sum', sumSeries(series), how);
  return args.collapse_targets ? [sum] : [...each, sum];
}

/** A short record shows nothing by default: say why, beside what damo prints. */
function hintAtExclusion(distributions: readonly WssDistribution[], args: WssArguments): void {
  if (args.exclude_samples === 0 || distributions.some(({ bytes }) => bytes.length > 0)) return;
  process.stderr.write(
    `${readPackageInfo().name}: the record has no more snapshots than the first ${args.exclude_samples} that are left out; "--exclude_samples 0" leaves none out\n`,
  );
}

function formatReport(distributions: readonly WssDistribution[], args: WssArguments): string {
  if (args.json) return formatWssJson(distributions, args.all_wss);
  if (args.csv) return formatWssCsv(distributions, args.all_wss);
  return formatWss(distributions, {
    isRaw: args.raw_number,
    nrBarColumns: checkWhole('--nr_cols_bar', args.nr_cols_bar, 0),
    isAll: args.all_wss,
  });
}

async function drawDistributions(
  distributions: readonly WssDistribution[],
  path: string,
  args: WssArguments,
): Promise<void> {
  const { writeWssPicture } = await import('../../report/picture/writePicture.ts');
  const nrSamples = Math.max(...distributions.map(({ bytes }) => bytes.length));
  const chart = {
    title:
      distributions.length === 1
        ? `Working set size of target ${distributions[0]?.label ?? ''}`
        : 'Working set sizes by target',
    subtitle: `${args.input} · ${nrSamples} samples`,
    curves: distributions,
  };
  await writeWssPicture(chart, path);
}

/** Prints or draws how the working set size was distributed, or how it changed. */
export async function runWss(args: WssArguments): Promise<void> {
  const selection = parseSelection(args);
  const percentiles = parsePercentiles(args);
  if (args.per_target && args.collapse_targets) {
    throw new UsageError('--per_target and --collapse_targets exclude each other');
  }
  const builder = createWssBuilder(parseWssOptions(args));
  if (args.plot !== undefined) await checkPicturePath(args.plot);
  await readRecord(args.input, async (reader) => {
    await visitSnapshots({ reader, path: args.input }, selection, (snapshot) => {
      builder.add(snapshot);
    });
    const distributions = listDistributions(builder.finish(), args, percentiles);
    hintAtExclusion(distributions, args);
    if (args.plot === undefined) await createStdoutSink().write(formatReport(distributions, args));
    else await drawDistributions(distributions, args.plot, args);
  });
}
