import { createReadStream, createWriteStream, readFileSync, rmSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createDeflate, createInflate, inflateSync } from 'node:zlib';
import { createRecordWriter } from '../../src/record/write/createWriter.ts';
import type { DamoPeer } from '../../test/peers/damo.ts';
import {
  generateSnapshots,
  writeDamoRecord,
  writeSnapshots,
} from '../../test/support/generateRecord.ts';

/** Snapshots of so many regions. */
export interface RecordShape {
  readonly nrSnapshots: number;
  readonly nrRegions: number;
}

/** The same snapshots in both formats. */
export interface RecordPair {
  readonly damo: string;
  readonly own: string;
}

/** What damo 3.x writes and 2.8.3 does not. */
const LATER_KEYS =
  /\n {24}"probe_hits": \[\],|,\n {16}"sample_interval_us": null|,\n {8}"data_source": "unknown"/g;
/** Stands in no key of these. */
const CUT = '"start';

async function* dropLaterKeys(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const text = rest + piece.toString('latin1');
    const cut = Math.max(0, text.lastIndexOf(CUT));
    yield text.slice(0, cut).replace(LATER_KEYS, '');
    rest = text.slice(cut);
  }
  yield rest.replace(LATER_KEYS, '');
}

/** A record in `json_compressed` as damo 2.8.3 writes it. */
async function writeDamo2Record(path: string, shape: RecordShape): Promise<void> {
  const later = `${path}.later`;
  await writeDamoRecord(later, shape);
  await pipeline(
    createReadStream(later),
    createInflate(),
    dropLaterKeys,
    createDeflate(),
    createWriteStream(path, { mode: 0o644 }),
  );
  rmSync(later);
}

/** Generates a record, each time the same, in damo's format and in ours. */
export async function writeRecordPair(base: string, shape: RecordShape): Promise<RecordPair> {
  const pair = { damo: `${base}.json_compressed`, own: `${base}.damon` };
  await writeDamo2Record(pair.damo, shape);
  const writer = await createRecordWriter({
    path: pair.own,
    format: 'damon-exporter',
    clockBase: undefined,
  });
  await writeSnapshots(writer, generateSnapshots(shape));
  return pair;
}

/**
 * Lets damo 2.8.3 read the record and write it anew.
 *
 * @throws Error unless it comes out as it was.
 */
export function checkDamoLayout(damo: DamoPeer, path: string): void {
  const rewritten = `${path}.rewritten`;
  const { status, stdout, stderr } = damo.run(
    'trixie',
    'convert_record_format',
    ...['--record_file', path, '--output_file', rewritten, '--format', 'json_compressed'],
  );
  if (status !== 0) throw new Error(`damo cannot rewrite the record: ${stdout}${stderr}`);
  const [ours, damos] = [path, rewritten].map((file) => inflateSync(readFileSync(file)));
  if (!ours?.equals(damos ?? Buffer.alloc(0))) {
    throw new Error(`${path} is not laid out as damo itself writes it`);
  }
}
