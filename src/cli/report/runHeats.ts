import { UsageError } from '../../base/errors.ts';
import type { RecordReader } from '../../record/recording.ts';
import { computeHeatMatrix } from '../../report/heatmap/computeHeat.ts';
import type { HeatRequest, RangeRequest } from '../../report/heatmap/computeHeat.ts';
import { createGuideBuilder } from '../../report/heatmap/guide.ts';
import { formatGuides, formatGuidesJson } from '../../report/heatmap/guideText.ts';
import { writeHeatColumns, writeHeatCsv, writeHeatJson } from '../../report/heatmap/heatColumns.ts';
import type { HeatMatrix, HeatUnit } from '../../report/heatmap/heatMatrix.ts';
import { formatTerminalHeatmap } from '../../report/heatmap/terminalHeatmap.ts';
import type { TerminalColorSet } from '../../report/heatmap/terminalHeatmap.ts';
import { readStartNs, selectLentSnapshots } from '../../report/selectSnapshots.ts';
import type { SnapshotSelection } from '../../report/selectSnapshots.ts';
import { describeStream } from '../../report/streams.ts';
import { readPackageInfo } from '../packageInfo.ts';
import { checkPicture, parsePictureOptions } from './pictureOptions.ts';
import type { PictureArguments } from './pictureOptions.ts';
import { createNothingError, createStdoutSink, readRecord, visitSnapshots } from './readRecord.ts';
import {
  checkExclusive,
  checkOrder,
  parseAddress,
  parseRecordTime,
  parseStreamFilter,
  parseWhole,
} from './reportArguments.ts';
import type { RangeArguments, RecordArguments, TableArguments } from './reportOptions.ts';

export interface HeatsArguments
  extends RecordArguments, RangeArguments, TableArguments, PictureArguments {
  readonly time_base?: string | undefined;
  readonly address_base?: string | undefined;
  readonly resol?: readonly string[] | undefined;
  readonly abs_time: boolean;
  readonly abs_addr: boolean;
  readonly guide: boolean;
  readonly heatmap?: string | undefined;
  readonly stdout_heatmap_color: TerminalColorSet;
  readonly unit: 'auto' | HeatUnit;
  readonly fill_by_age: boolean;
}

const DEFAULT_RESOLUTION = ['500', '500'];
const TERMINAL_RESOLUTION = ['40', '80'];
/** 1 GiB of sums. */
const MAX_CELLS = 1 << 25;

function parseResolution({ resol, heatmap }: HeatsArguments): HeatRequest['resolution'] {
  const words = resol ?? (heatmap === 'stdout' ? TERMINAL_RESOLUTION : DEFAULT_RESOLUTION);
  const [nrTimes = 1, nrAddresses = 1] = words.map((word) =>
    parseWhole('--resol', word, { min: 1 }),
  );
  if (nrTimes * nrAddresses <= MAX_CELLS) return { nrTimes, nrAddresses };
  throw new UsageError(
    `--resol: found ${nrTimes} x ${nrAddresses}, expected at most ${MAX_CELLS} cells`,
  );
}

function parseRange(
  option: string,
  { words, baseText }: { words: readonly string[] | undefined; baseText: string | undefined },
  parse: (text: string) => bigint,
): RangeRequest | undefined {
  if (words === undefined) {
    if (baseText === undefined) return undefined;
    throw new UsageError(
      `${option.replace('range', 'base')}: found no ${option}, which is what it is the base of`,
    );
  }
  const [start = 0n, end = 0n] = words.map(parse);
  checkOrder(option, start, end);
  const isGuided = baseText === 'guided' || baseText === 'guided_end';
  const base = baseText === undefined ? 0n : isGuided ? baseText : parse(baseText);
  return { start, end, base };
}

function parseRequest(args: HeatsArguments): HeatRequest {
  return {
    streams: parseStreamFilter(args),
    time: parseRange(
      '--time_range',
      { words: args.time_range, baseText: args.time_base },
      parseRecordTime,
    ),
    address: parseRange(
      '--address_range',
      { words: args.address_range, baseText: args.address_base },
      parseAddress,
    ),
    resolution: parseResolution(args),
    options: {
      isFilledByAge: args.fill_by_age,
      unit: args.unit === 'auto' ? undefined : args.unit,
    },
  };
}

/** The request as far as it says what to look at without the guide. */
function describeRequest({ streams, time, address }: HeatRequest): SnapshotSelection {
  return {
    streams,
    timeRange:
      typeof time?.base === 'bigint'
        ? { startNs: time.base + time.start, endNs: time.base + time.end }
        : undefined,
    addressRange:
      typeof address?.base === 'bigint'
        ? { startAddr: address.base + address.start, endAddr: address.base + address.end }
        : undefined,
  };
}

async function printGuide(reader: RecordReader, args: HeatsArguments): Promise<void> {
  const guide = createGuideBuilder();
  const selection = { streams: parseStreamFilter(args) };
  const batches = selectLentSnapshots(reader, selection, { withAges: false });
  await visitSnapshots({ batches, path: args.input }, selection, (snapshot) => {
    guide.add(snapshot);
  });
  const format = args.json ? formatGuidesJson : formatGuides;
  await createStdoutSink().write(format(guide.finish()));
}

async function printMatrix(matrix: HeatMatrix, args: HeatsArguments): Promise<void> {
  const sink = createStdoutSink();
  const axes = { isAbsoluteTime: args.abs_time, isAbsoluteAddress: args.abs_addr };
  if (args.json) {
    await writeHeatJson(sink, matrix);
  } else if (args.csv) {
    await writeHeatCsv(sink, matrix, axes);
  } else if (args.heatmap === 'stdout') {
    const isColored = process.stdout.isTTY && !process.env['NO_COLOR'];
    await sink.write(
      formatTerminalHeatmap(matrix, { colorSet: args.stdout_heatmap_color, isColored }),
    );
  } else {
    await writeHeatColumns(sink, matrix, axes);
  }
}

async function drawMatrix(
  { reader, matrix }: { readonly reader: RecordReader; readonly matrix: HeatMatrix },
  path: string,
  args: HeatsArguments,
): Promise<void> {
  const { writeHeatmapPicture } = await import('../../report/picture/writePicture.ts');
  const chart = {
    matrix,
    targetName: describeStream(matrix.stream),
    recordName: args.input,
    recordStartNs: args.abs_time ? undefined : await readStartNs(reader),
    isAbsTime: args.abs_time,
    isAbsAddr: args.abs_addr,
  };
  await writeHeatmapPicture(chart, path, parsePictureOptions(args));
}

/** Says where to look when a heatmap of the default range is nearly blank. */
async function hintHotterRange(
  reader: RecordReader,
  { streams }: HeatRequest,
  matrix: HeatMatrix,
): Promise<void> {
  const { findHotterRange } = await import('../../report/heatmap/hotterRange.ts');
  const hotter = await findHotterRange(reader, streams, matrix);
  if (hotter === undefined) return;
  const { range, share, shownShare } = hotter;
  const format = (part: number): string => `${(part * 100).toFixed(1)} %`;
  process.stderr.write(
    `${readPackageInfo().name}: the biggest range of addresses is shown, which has ${format(shownShare)} of the accesses; --address_range ${range.startAddr.toString()} ${range.endAddr.toString()} shows that with ${format(share)}\n`,
  );
}

function checkOutput({ guide, heatmap, json, csv }: HeatsArguments): void {
  checkExclusive({ '--heatmap': heatmap, '--json': json, '--csv': csv });
  checkExclusive({ '--guide': guide, '--heatmap': heatmap, '--csv': csv });
}

/** Prints or draws when which memory was how hot. */
export async function runHeats(args: HeatsArguments): Promise<void> {
  const request = parseRequest(args);
  const picturePath = args.heatmap === 'stdout' ? undefined : args.heatmap;
  checkOutput(args);
  if (picturePath !== undefined) await checkPicture(picturePath, args);
  await readRecord(args.input, async (reader) => {
    if (args.guide) {
      await printGuide(reader, args);
      return;
    }
    const matrix = await computeHeatMatrix(reader, request);
    if (matrix === undefined) {
      throw createNothingError(args.input, describeRequest(request));
    }
    if (request.options.unit === 'hz' && matrix.unit !== 'hz') {
      throw new UsageError(
        `--unit hz: ${args.input} does not tell the monitoring intervals, expected --unit samples`,
      );
    }
    if (picturePath === undefined) await printMatrix(matrix, args);
    else await drawMatrix({ reader, matrix }, picturePath, args);
    if (args.heatmap !== undefined && request.address === undefined) {
      await hintHotterRange(reader, request, matrix);
    }
  });
}
