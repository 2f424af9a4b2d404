import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInflate } from 'node:zlib';
import { isStreamPlace } from '../outputPlace.ts';
import { createDeflatedSink } from './deflatedSink.ts';
import { buildTemporaryPath, createTemporary, withRecordError } from './wholeFile.ts';
import type { ByteSink } from './wholeFile.ts';

/** Bytes put aside in a compressed file without a name, to be copied elsewhere at the end. */
export interface Spool {
  write(bytes: Uint8Array): Promise<void>;
  /** Copies everything to the sink and removes the spool. */
  copyTo(sink: ByteSink): Promise<void>;
  close(): Promise<void>;
}

const FASTEST = 1;

/** Files: a file beside `path` (of a stream: in the system's) that is unlinked as soon as it is open. */
export async function createSpool(path: string, index: number): Promise<Spool> {
  const place = isStreamPlace(path) ? join(tmpdir(), basename(path)) : path;
  const temporary = buildTemporaryPath(place, `spool${index}`);
  const handle = await withRecordError(path, () => createTemporary(temporary));
  await rm(temporary, { force: true });
  const file: ByteSink = {
    write: async (bytes) => {
      for (let from = 0; from < bytes.length;) {
        from += (await handle.write(bytes, from)).bytesWritten;
      }
    },
    close: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  };
  const deflated = createDeflatedSink(file, FASTEST);
  return {
    write: (bytes) => withRecordError(path, () => deflated.write(bytes)),
    copyTo: (sink) =>
      withRecordError(path, async () => {
        await deflated.close();
        const stored = handle.createReadStream({ start: 0, autoClose: false });
        for await (const piece of stored.pipe(createInflate())) {
          await sink.write(piece as Uint8Array);
        }
        await handle.close();
      }),
    close: () => handle.close(),
  };
}
