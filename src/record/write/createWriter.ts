import { rename } from 'node:fs/promises';
import { createDamoJsonWriter } from '../damoJson/damoJsonWriter.ts';
import { createRecordFileWriter } from '../own/recordFileWriter.ts';
import { nodeRecordFs } from '../own/recordFs.ts';
import { refuseObstacle } from '../recordFault.ts';
import type { ClockBase } from '../recording.ts';
import { createTraceTextWriter } from '../traceText/traceTextWriter.ts';
import { createCsvWriter } from './csvWriter.ts';
import type { WrittenFormat } from './formats.ts';
import type { AbortableWriter } from './streamedWriter.ts';
import { buildTemporaryPath, removeLeftover, withRecordError } from './wholeFile.ts';

export interface WriterOptions {
  readonly path: string;
  readonly format: WrittenFormat;
  /** Only our own format has a place for it. */
  readonly clockBase: ClockBase | undefined;
  /** Permissions from the first byte on; 0600 by default. */
  readonly mode?: number | undefined;
}

/** Blocks are written when they are full: nobody reads the file before it is complete. */
const NO_FLUSH_MS = 2 ** 31 - 1;

/** Files: `.NAME.PID.tmp` beside `path` while it is written. */
async function createOwnWriter(options: WriterOptions): Promise<AbortableWriter> {
  const { path, clockBase, mode } = options;
  refuseObstacle(path);
  const temporary = buildTemporaryPath(path, 'tmp');
  await removeLeftover(temporary);
  const writer = await createRecordFileWriter(path, {
    clockBase,
    mode,
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
      refuseObstacle(path);
      await withRecordError(path, () => rename(temporary, path));
    },
    async abort() {
      await removeLeftover(temporary);
      await writer.close();
    },
  };
}

/**
 * Begins a record of the format; it appears at `path` as a whole when the writer is closed, and
 * replaces a plain file that was there. All but our own format can go to a device or pipe, too.
 *
 * @throws RecordError when that is impossible.
 */
export function createRecordWriter(options: WriterOptions): Promise<AbortableWriter> {
  const { path, format, mode } = options;
  switch (format) {
    case 'damon-exporter':
      return createOwnWriter(options);
    case 'json_compressed':
      return createDamoJsonWriter({ path, mode, isCompressed: true });
    case 'json':
      return createDamoJsonWriter({ path, mode, isCompressed: false });
    case 'perf_script':
      return createTraceTextWriter({ path, mode });
    case 'csv':
      return createCsvWriter({ path, mode });
  }
}
