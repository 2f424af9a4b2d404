import { ExporterError } from '../../base/errors.ts';
import { formatCount, formatTimeNs } from '../../base/format.ts';
import { openRecord } from '../../record/openRecord.ts';
import { OWN_FORMAT } from '../../record/own/openOwnRecord.ts';
import type { RecordDamage, RecordReader } from '../../record/recording.ts';
import { createRecordInfoBuilder } from '../../report/info/recordInfo.ts';
import type { RecordInfo } from '../../report/info/recordInfo.ts';
import { readPackageInfo } from '../packageInfo.ts';

/** More of one file say nothing new. */
const MAX_TOLD_DAMAGES = 20;

function count(nr: number, what: string): string {
  return `${formatCount(nr)} ${what}${nr === 1 ? '' : 's'}`;
}

function describeContent(info: RecordInfo, nrBlocks: number): string {
  const { format, streams, startWallMs } = info;
  const sum = (of: (stream: RecordInfo['streams'][number]) => number): number =>
    streams.reduce((total, stream) => total + of(stream), 0);
  const times = streams.map(({ timeRange }) => timeRange);
  const [start, end] = times.reduce<readonly [bigint, bigint] | readonly []>(
    ([from = times[0]?.startNs ?? 0n, to = 0n], { startNs, endNs }) => [
      startNs < from ? startNs : from,
      endNs > to ? endNs : to,
    ],
    [],
  );
  return [
    format,
    format === OWN_FORMAT ? count(nrBlocks, 'block') : '',
    `${count(
      sum(({ nrSnapshots }) => nrSnapshots),
      'snapshot',
    )} of ${count(streams.length, 'target')}`,
    count(
      sum(({ nrRegions }) => nrRegions),
      'region',
    ),
    startWallMs === undefined ? '' : `from ${new Date(startWallMs).toISOString()}`,
    start === undefined || end === undefined ? '' : `over ${formatTimeNs(end - start)}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** Reads all of it, which checks every checksum there is. */
async function describeAll(reader: RecordReader): Promise<string> {
  const builder = createRecordInfoBuilder();
  let nrBlocks = 0;
  const batches =
    reader.lendSnapshots?.(undefined, { withAges: true }) ?? reader.readSnapshots(undefined);
  for await (const batch of batches) {
    nrBlocks += 1;
    for (const snapshot of batch) builder.add(snapshot);
  }
  return describeContent(builder.finish(reader), nrBlocks);
}

function listDamages(path: string, damages: readonly RecordDamage[]): string[] {
  const nrMore = damages.length - MAX_TOLD_DAMAGES;
  return [
    ...damages
      .slice(0, MAX_TOLD_DAMAGES)
      .map(({ byteOffset, message }) => `${path} at byte ${byteOffset}: ${message}`),
    ...(nrMore > 0 ? [`${path}: ${nrMore} more after that`] : []),
  ];
}

/** Takes lines without their ends. */
export interface CheckOutput {
  readonly say: (line: string) => void;
  readonly warn: (line: string) => void;
}

const STANDARD_OUTPUT: CheckOutput = {
  say: (line) => process.stdout.write(`${line}\n`),
  warn: (line) => process.stderr.write(`${readPackageInfo().name}: ${line}\n`),
};

/** @returns whether it is whole. @throws RecordError when nothing of it can be read. */
async function checkOne(path: string, output: CheckOutput): Promise<boolean> {
  const reader = await openRecord(path);
  try {
    const content = await describeAll(reader);
    const { damages } = reader;
    listDamages(path, damages).forEach(output.warn);
    const verdict =
      damages.length === 0
        ? 'is whole'
        : `is damaged in ${count(damages.length, 'place')}; what can be read`;
    output.say(`${path} ${verdict}: ${content}`);
    return damages.length === 0;
  } finally {
    await reader.close();
  }
}

/**
 * Reads records from the first to the last byte, and says whether they are whole.
 *
 * @throws ExporterError when one is not, after all of them were looked at.
 */
export async function runCheckRecord(
  paths: readonly string[],
  output: CheckOutput = STANDARD_OUTPUT,
): Promise<void> {
  let nrBad = 0;
  for (const path of paths) {
    try {
      if (!(await checkOne(path, output))) nrBad += 1;
    } catch (error) {
      if (!(error instanceof ExporterError) || paths.length === 1) throw error;
      nrBad += 1;
      output.warn(error.message);
    }
  }
  if (nrBad === 0) return;
  throw new ExporterError(
    'record',
    paths.length === 1
      ? `check ${paths.join('')}: it is damaged`
      : `check ${paths.length} records: ${nrBad} of them ${nrBad === 1 ? 'is' : 'are'} damaged or cannot be read`,
  );
}
