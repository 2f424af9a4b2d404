import { lstat, rename, rm } from 'node:fs/promises';
import { RecordError } from '../../base/errors.ts';
import type { RecordHealth } from '../../damon/observation.ts';
import { createRecordError } from '../../record/recordFault.ts';
import { createRecordFileWriter } from '../../record/own/recordFileWriter.ts';
import { isErrno, nodeRecordFs } from '../../record/own/recordFs.ts';
import type { ClockBase, RecordWriter } from '../../record/recording.ts';
import { buildTemporaryPath } from '../../record/write/wholeFile.ts';

export interface RecordOutputOptions {
  readonly path: string;
  /** Permission bits. */
  readonly mode: number;
  readonly clockBase: ClockBase;
  /** Boot id of the recorded kernel, 32 hexadecimal digits. */
  readonly clockId: string;
}

/**
 * One file in our format. `write` never throws: after an error what comes is dropped, and `failure`
 * tells.
 */
export interface RecordOutput extends RecordWriter {
  readonly nrWritten: number;
  readonly failure: Error | undefined;
  health(): RecordHealth;
  /**
   * Ends the file. Without any snapshot there is none, and what was there before stays.
   *
   * @throws RecordError what kept it from being complete; what could be written is there.
   */
  close(): Promise<void>;
}

/** @throws RecordError unless it is a plain file or nothing at all. */
async function checkPlace(path: string): Promise<boolean> {
  try {
    if ((await lstat(path)).isFile()) return true;
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return false;
    throw createRecordError('write', path, error);
  }
  const hint = 'found something else than a file there; choose another name with -o';
  throw new RecordError({ operation: 'write', path, hint });
}

/**
 * Begins a record. It takes its name with the first block: what has that name is then kept as
 * `<path>.old`. From there on it can be read, and survives a kill, less the last second.
 *
 * Files: `.NAME.PID.tmp` beside `path` until then.
 *
 * @throws RecordError when nothing can be written there.
 */
export async function createRecordOutput(options: RecordOutputOptions): Promise<RecordOutput> {
  const { path } = options;
  await checkPlace(path);
  await checkPlace(`${path}.old`);
  const temporary = buildTemporaryPath(path, 'tmp');
  // A killed process of the same pid may have left one.
  await rm(temporary, { force: true });
  const fs = {
    ...nodeRecordFs,
    create: () => nodeRecordFs.create(temporary),
    remove: () => nodeRecordFs.remove(temporary),
  };
  const writer = await createRecordFileWriter(path, { ...options, fs });
  let isPublished = false;
  let failure: Error | undefined;
  let nrDropped = 0;

  const publish = async (): Promise<void> => {
    if (isPublished || writer.nrWritten === 0) return;
    try {
      if (await checkPlace(path)) await rename(path, `${path}.old`);
      await rename(temporary, path);
      isPublished = true;
    } catch (error) {
      throw createRecordError('write', path, error);
    }
  };
  const attempt = async (action: () => Promise<void>): Promise<void> => {
    try {
      await action();
    } catch (error) {
      failure ??= createRecordError('write', path, error);
    }
  };

  return {
    get nrWritten() {
      return writer.nrWritten;
    },
    get failure() {
      return failure ?? writer.failure;
    },
    write: async (snapshot) => {
      if (failure !== undefined) {
        nrDropped += 1;
        return;
      }
      await attempt(async () => {
        await writer.write(snapshot);
        await publish();
      });
    },
    health: () => ({
      isRecording: failure === undefined,
      sizeBytes: writer.sizeBytes,
      nrSegments: 1,
      flushAgeSeconds: undefined,
      droppedSnapshots: nrDropped,
      errors: failure === undefined ? 0 : 1,
    }),
    close: async () => {
      await attempt(() => writer.close());
      await attempt(publish);
      if (!isPublished) await rm(temporary, { force: true });
      if (failure !== undefined) throw failure;
    },
  };
}
