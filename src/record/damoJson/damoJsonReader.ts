import { ByteWindow } from '../../base/byteWindow.ts';
import { describeError } from '../../base/errors.ts';
import { JsonSyntaxError } from '../../base/jsonScanner.ts';
import { DamageList, createDamageError, formatOffsetNote } from '../damages.ts';
import { isInRange } from '../readRange.ts';
import type { ClockBase, ReadRange, RecordReader, RecordedSnapshot } from '../recording.ts';
import { SourceDamage } from '../source/byteSource.ts';
import type { ByteSource } from '../source/byteSource.ts';
import { DamoJsonParser, NotARecordError } from './damoJsonParser.ts';

/** 2001 in ns since 1970; as a time since boot, 31 years. */
const EPOCH_FROM_NS = 10n ** 18n;

/** Reads damo's `json` and, over an inflated source, `json_compressed`, of every version. */
export function createDamoJsonReader(
  path: string,
  source: ByteSource,
  format: string,
): RecordReader {
  let damages = new DamageList(source);
  let clockBase: ClockBase | undefined;
  return {
    format,
    get clockBase() {
      return clockBase;
    },
    get damages() {
      return damages.list;
    },
    async *readSnapshots(range?: ReadRange) {
      damages = new DamageList(source);
      for await (const batch of readBatches(path, source, damages)) {
        const first = batch[0];
        if (first !== undefined && first.startNs >= EPOCH_FROM_NS) {
          clockBase = { recordNs: 0n, wallMs: 0 };
        }
        const inRange = range === undefined ? batch : batch.filter((one) => isInRange(one, range));
        if (inRange.length > 0) yield inRange;
      }
    },
    close: () => Promise.resolve(),
  };
}

async function* readBatches(
  path: string,
  source: ByteSource,
  damages: DamageList,
): AsyncGenerator<readonly RecordedSnapshot[]> {
  const window = new ByteWindow();
  const parser = new DamoJsonParser(window, damages);
  let nrSnapshots = 0;
  try {
    for await (const piece of source.open()) {
      window.feed(piece, () => {
        parser.advance();
      });
      const batch = parser.takeSnapshots();
      nrSnapshots += batch.length;
      if (batch.length > 0) yield batch;
    }
    window.isFinal = true;
    parser.advance();
  } catch (error) {
    parser.releaseWaiting();
    const rest = parser.takeSnapshots();
    if (rest.length > 0) yield rest;
    nrSnapshots += rest.length;
    noteDamage(error, { path, source, window, damages, nrSnapshots });
    return;
  }
  const rest = parser.takeSnapshots();
  if (rest.length > 0) yield rest;
}

interface Reading {
  readonly path: string;
  readonly source: ByteSource;
  readonly window: ByteWindow;
  readonly damages: DamageList;
  readonly nrSnapshots: number;
}

/** @throws RecordError when nothing was read before, or reading itself failed. */
function noteDamage(error: unknown, reading: Reading): void {
  const { path, source, window, damages, nrSnapshots } = reading;
  const isOurs =
    error instanceof SourceDamage ||
    error instanceof JsonSyntaxError ||
    error instanceof NotARecordError ||
    error instanceof RangeError;
  if (!isOurs) throw error;
  let byteOffset = window.offsetOf(window.pos);
  let note = formatOffsetNote(source.offsetsIn);
  if (error instanceof SourceDamage) {
    ({ byteOffset } = error);
    note = '';
  } else if (error instanceof JsonSyntaxError) byteOffset = window.offsetOf(error.index);
  const message = `${describeError(error)}${note}`;
  if (nrSnapshots === 0) {
    const expected = 'expected a list of records as damo writes it';
    throw createDamageError(path, { byteOffset, message }, expected);
  }
  damages.addInFile(byteOffset, `${message}; read ${nrSnapshots} snapshots before that`);
}
