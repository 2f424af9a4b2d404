import { RecordError } from '../../base/errors.ts';
import { parseSizeBytes, parseTime } from '../../base/units.ts';
import { selectLentSnapshots } from '../../report/selectSnapshots.ts';
import { labelStreams, nameStreams } from '../../report/streams.ts';
import { sumByContext } from '../../report/wss/sumSeries.ts';
import { computeWssDistribution } from '../../report/wss/wssDistribution.ts';
import type { WssDistribution, WssOrder } from '../../report/wss/wssDistribution.ts';
import { createWssBuilder } from '../../report/wss/wssSeries.ts';
import type { WssOptions } from '../../report/wss/wssOptions.ts';
import type { WssRecord } from '../../report/wss/wssSeries.ts';
import { formatWss, formatWssCsv, formatWssJson } from '../../report/wss/wssText.ts';
import { parseOption } from '../options.ts';
import { checkPicture, parsePictureOptions } from './pictureOptions.ts';
import type { PictureArguments } from './pictureOptions.ts';
import { readPackageInfo } from '../packageInfo.ts';
import { DEFAULT_WORK_TIME } from './reportOptions.ts';
import { createStdoutSink, readRecord, visitSnapshots } from './readRecord.ts';
import { checkExclusive, parsePercentiles, parseSelection, parseWhole } from './reportArguments.ts';
import type {
  PercentileArguments,
  RangeArguments,
  RecordArguments,
  TableArguments,
} from './reportOptions.ts';

export interface WssArguments
  extends RecordArguments, RangeArguments, TableArguments, PercentileArguments, PictureArguments {
  readonly acc_thres: string;
  readonly sz_thres: string;
  readonly work_time: string;
  readonly sortby: WssOrder;
  readonly plot?: string | undefined;
  readonly nr_cols_bar: string;
  readonly raw_number: boolean;
  readonly all_wss: boolean;
  readonly per_target: boolean;
  readonly collapse_targets: boolean;
}

/** Wider than any terminal. */
const MAX_BAR_COLUMNS = 10_000;

function parseWssOptions(args: WssArguments): WssOptions {
  return {
    excludeSamples: parseWhole('--exclude_samples', args.exclude_samples),
    accessThreshold: parseWhole('--acc_thres', args.acc_thres),
    sizeThreshold: parseOption(() => parseSizeBytes(args.sz_thres, '--sz_thres')),
    workTimeNs: parseOption(() => parseTime(args.work_time, 'us', '--work_time')) * 1000n,
  };
}

/** Each target by itself, then those of each context together where there are several. */
function listDistributions(
  { series }: WssRecord,
  args: WssArguments,
  percentiles: readonly number[],
): WssDistribution[] {
  const how = { order: args.sortby, percentiles };
  const streams = series.map(({ stream }) => stream);
  const labels = args.plot === undefined ? labelStreams(streams) : nameStreams(streams);
  const each = series.map(({ bytes }, index) =>
    computeWssDistribution(labels[index] ?? '', bytes, how),
  );
  if (series.length < 2 || args.per_target) return each;
  const sums = sumByContext(series)
    .filter(({ nrSeries }) => nrSeries > 1 || args.collapse_targets)
    .map(({ label, bytes }) => computeWssDistribution(label, bytes, how));
  return args.collapse_targets ? sums : [...each, ...sums];
}

/** Why there is nothing to show; undefined where there is something. */
function explainNothing(
  distributions: readonly WssDistribution[],
  { exclude_samples: excluded, work_time: workTime }: WssArguments,
): string | undefined {
  if (distributions.some(({ bytes }) => bytes.length > 0)) return undefined;
  if (workTime !== DEFAULT_WORK_TIME) {
    return `without the first ${excluded} snapshots (--exclude_samples), the record is shorter than --work_time ${workTime}`;
  }
  return `the record has no more snapshots than the first ${excluded} that are left out; "--exclude_samples 0" leaves none out`;
}

/** What there is no size of is no picture; as text, it is what damo prints, and why. */
async function showDistributions(
  distributions: readonly WssDistribution[],
  args: WssArguments,
  format: FormatWss,
): Promise<void> {
  const reason = explainNothing(distributions, args);
  if (args.plot === undefined) {
    if (reason !== undefined) process.stderr.write(`${readPackageInfo().name}: ${reason}\n`);
    await createStdoutSink().write(format(distributions));
  } else if (reason === undefined) {
    await drawDistributions(distributions, args.plot, args);
  } else {
    throw new RecordError({ operation: 'draw', path: args.input, hint: reason });
  }
}

type FormatWss = (distributions: readonly WssDistribution[]) => string;

function parseFormat(args: WssArguments): FormatWss {
  checkExclusive({ '--plot': args.plot, '--json': args.json, '--csv': args.csv });
  const { all_wss: isAll, raw_number: isRaw } = args;
  const nrBarColumns = parseWhole('--nr_cols_bar', args.nr_cols_bar, { max: MAX_BAR_COLUMNS });
  if (args.json) return (distributions) => formatWssJson(distributions, isAll);
  if (args.csv) return (distributions) => formatWssCsv(distributions, isAll);
  return (distributions) => formatWss(distributions, { isRaw, nrBarColumns, isAll });
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
        ? `Working set size of ${distributions[0]?.label ?? ''}`
        : 'Working set sizes by target',
    subtitle: `${args.input} · ${nrSamples} samples`,
    curves: distributions,
  };
  await writeWssPicture(chart, path, parsePictureOptions(args));
}

/** Prints or draws how the working set size was distributed, or how it changed. */
export async function runWss(args: WssArguments): Promise<void> {
  const selection = parseSelection(args);
  const percentiles = parsePercentiles(args);
  const format = parseFormat(args);
  checkExclusive({
    '--per_target': args.per_target,
    '--collapse_targets': args.collapse_targets,
  });
  const builder = createWssBuilder(parseWssOptions(args));
  if (args.plot !== undefined) await checkPicture(args.plot, args);
  await readRecord(args.input, async (reader) => {
    const batches = selectLentSnapshots(reader, selection, { withAges: false });
    await visitSnapshots({ batches, path: args.input }, selection, (snapshot) => {
      builder.add(snapshot);
    });
    await showDistributions(listDistributions(builder.finish(), args, percentiles), args, format);
  });
}
