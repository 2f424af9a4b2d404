import type { RecordWriter, RecordedRegions, RecordedSnapshot } from '../recording.ts';
import { TextBuffer } from './textBuffer.ts';
import type { ByteSink } from './wholeFile.ts';

/** A writer whose output can be given up: nothing of it remains. */
export interface AbortableWriter extends RecordWriter {
  abort(): Promise<void>;
}

/** The text of a record, snapshot after snapshot as they come. */
export interface RecordText {
  begin(out: TextBuffer): void;
  beginSnapshot(out: TextBuffer, snapshot: RecordedSnapshot): void;
  /** Adds the regions `[from, to)` of the snapshot begun last. */
  addRegions(out: TextBuffer, regions: RecordedRegions, from: number, to: number): void;
  end(out: TextBuffer): void;
}

const REGIONS_AT_ONCE = 4096;
const FLUSH_BYTES = 192 * 1024;

/** Writes text through a buffer of bounded size. */
export function createStreamedWriter(sink: ByteSink, text: RecordText): AbortableWriter {
  const out = new TextBuffer();
  const flush = async (least: number): Promise<void> => {
    if (out.length < least) return;
    await sink.write(out.bytes);
    out.clear();
  };
  text.begin(out);
  return {
    async write(snapshot) {
      const { regions } = snapshot;
      text.beginSnapshot(out, snapshot);
      for (let from = 0; from < regions.count; from += REGIONS_AT_ONCE) {
        text.addRegions(out, regions, from, Math.min(from + REGIONS_AT_ONCE, regions.count));
        await flush(FLUSH_BYTES);
      }
    },
    async close() {
      text.end(out);
      await flush(1);
      await sink.close();
    },
    abort: () => sink.abort(),
  };
}
