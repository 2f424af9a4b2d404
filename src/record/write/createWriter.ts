import { rename, rm } from 'node:fs/promises';
import { createDamoJsonWriter } from '../damoJson/damoJsonWriter.ts';
import { createRecordFileWriter } from '../own/recordFileWriter.ts';
import { nodeRecordFs } from '../own/recordFs.ts';
import type { ClockBase } from '../recording.ts';
import { createTraceTextWriter } from '../traceText/traceTextWriter.ts';
import { createCsvWriter } from './csvWriter.ts';
import type { WrittenFormat } from './formats.ts';
import type { AbortableWriter } from './streamedWriter.ts';
import { buildTemporaryPath, withRecordError } from './wholeFile.ts';

export interface WriterOptions {
  readonly path: string;
  readonly format: WrittenFormat;
  /** Only our own format has a place for it. */
  readonly clockBase: ClockBase | undefined;
}

/** Blocks are written when they are full: nobody reads the file before it is complete. */
const NO_FLUSH_MS = 2 ** 31 - 1;

/** Files: `.NAME.PID.tmp` beside `path` while it is written. */
async function createOwnWriter({ path, clockBase }: WriterOptions): Promise<AbortableWriter> {
  const temporary = buildTemporaryPath(path, 'tmp');
  await rm(temporary, { force: true });
  const writer = await createRecordFileWriter(path, {
    clockBase,
    flushIntervalMs: NO_FLUSH_MS,
    // Errors name the output, not what it is called meanwhile.
    fs: {
      ...nodeRecordFs,
      create: () => nodeRecordFs.create(temporary),
      remove: () => nodeRecordFs.remove(temporary),
    },
  });
  return {
    write: (snapshot) => writer.write(snapshot),
    async close() {
      await writer.close();
      await withRecordError(path, () => rename(temporary, path));
    },
    async abort() {
      await rm(temporary, { force: true });
      await writer.close();
    },
  };
}

/**
 * Begins a record of the format; it appears at `path` as a whole when the writer is closed, and
 * replaces what was there.
 *
 * @throws RecordError when that is impossible.
 */
export function createRecordWriter(options: WriterOptions): Promise<AbortableWriter> {
  const { path, format } = options;
  switch (format) {
    case 'damon-exporter':
      return createOwnWriter(options);
    case 'json_compressed':
      return createDamoJsonWriter({ path, isCompressed: true });
    case 'json':
      return createDamoJsonWriter({ path, isCompressed: false });
    case 'perf_script':
      return createTraceTextWriter({ path });
    case 'csv':
      return createCsvWriter({ path });
  }
}
