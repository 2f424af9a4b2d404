import { RecordError } from '../../base/errors.ts';
import type { RecordedSnapshot, RecordedStream } from '../recording.ts';
import { createDeflatedSink } from '../write/deflatedSink.ts';
import type { AbortableWriter } from '../write/streamedWriter.ts';
import { createSpool } from '../write/spool.ts';
import type { Spool } from '../write/spool.ts';
import { TextBuffer } from '../write/textBuffer.ts';
import { createWholeFile } from '../write/wholeFile.ts';
import type { ByteSink, WholeFileOptions } from '../write/wholeFile.ts';
import {
  addRegions,
  formatRecordHead,
  formatRecordTail,
  formatSnapshotHead,
  formatSnapshotTail,
} from './damoJsonText.ts';

/** Each stream beyond the first is a spooled file while the record is written. */
const MAX_STREAMS = 1024;
const REGIONS_AT_ONCE = 4096;
const FLUSH_BYTES = 192 * 1024;

interface OpenRecord {
  readonly stream: RecordedStream;
  readonly sink: Pick<ByteSink, 'write'>;
  readonly spool: Spool | undefined;
  nrSnapshots: number;
}

/**
 * Writes damo's `json`, or `json_compressed` where `isCompressed`. What damo has no place for is
 * left out: names of targets, kdamonds that are not numbered. A record holds one stream as a whole,
 * so all streams but the first wait in temporary files beside the output.
 */
export async function createDamoJsonWriter(
  options: WholeFileOptions & { readonly isCompressed: boolean },
): Promise<AbortableWriter> {
  const file = await createWholeFile(options);
  const sink = options.isCompressed ? createDeflatedSink(file) : file;
  return new DamoJsonWriter(options.path, sink);
}

class DamoJsonWriter implements AbortableWriter {
  readonly #path: string;
  readonly #sink: ByteSink;
  readonly #text = new TextBuffer();
  readonly #records = new Map<RecordedStream, OpenRecord>();

  constructor(path: string, sink: ByteSink) {
    this.#path = path;
    this.#sink = sink;
  }

  async write(snapshot: RecordedSnapshot): Promise<void> {
    const record = this.#records.get(snapshot.stream) ?? (await this.#begin(snapshot.stream));
    this.#text.addText(record.nrSnapshots === 0 ? '\n' : ',\n');
    record.nrSnapshots += 1;
    this.#text.addText(formatSnapshotHead(snapshot));
    const { regions } = snapshot;
    for (let from = 0; from < regions.count; from += REGIONS_AT_ONCE) {
      addRegions(this.#text, regions, from, Math.min(from + REGIONS_AT_ONCE, regions.count));
      if (this.#text.length >= FLUSH_BYTES) await this.#flush(record.sink);
    }
    this.#text.addText(formatSnapshotTail(snapshot));
    await this.#flush(record.sink);
  }

  async close(): Promise<void> {
    let isFirst = true;
    for (const { stream, spool } of this.#records.values()) {
      if (!isFirst) this.#text.addText(`,\n${formatRecordHead(stream)}`);
      isFirst = false;
      await this.#flush(this.#sink);
      if (spool !== undefined) await spool.copyTo(this.#sink);
      this.#text.addText(formatRecordTail(stream));
    }
    this.#text.addText(isFirst ? '[]' : '\n]');
    await this.#flush(this.#sink);
    await this.#sink.close();
  }

  async abort(): Promise<void> {
    for (const { spool } of this.#records.values()) await spool?.close();
    await this.#sink.abort();
  }

  async #begin(stream: RecordedStream): Promise<OpenRecord> {
    if (this.#records.size >= MAX_STREAMS) {
      throw new RecordError({
        operation: 'write',
        path: this.#path,
        hint: `more than ${MAX_STREAMS} targets; damo's format needs a record for each, choose another`,
      });
    }
    const isFirst = this.#records.size === 0;
    if (isFirst) {
      this.#text.addText(`[\n${formatRecordHead(stream)}`);
      await this.#flush(this.#sink);
    }
    const spool = isFirst ? undefined : await createSpool(this.#path, this.#records.size);
    const record = { stream, sink: spool ?? this.#sink, spool, nrSnapshots: 0 };
    this.#records.set(stream, record);
    return record;
  }

  async #flush(sink: Pick<ByteSink, 'write'>): Promise<void> {
    if (this.#text.length === 0) return;
    await sink.write(this.#text.bytes);
    this.#text.clear();
  }
}
