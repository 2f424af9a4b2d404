import { rename } from 'node:fs/promises';
import { isTaken } from '../../record/outputPlace.ts';
import type { RecordHealth } from '../../damon/observation.ts';
import { createRecordError, refuseObstacle } from '../../record/recordFault.ts';
import { createRecordFileWriter } from '../../record/own/recordFileWriter.ts';
import { nodeRecordFs } from '../../record/own/recordFs.ts';
import type { ClockBase, RecordWriter } from '../../record/recording.ts';
import { buildTemporaryPath, removeLeftover } from '../../record/write/wholeFile.ts';

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

/** What has the name is kept, unless it is no file. */
async function publishFile(temporary: string, path: string): Promise<void> {
  refuseObstacle(path);
  refuseObstacle(`${path}.old`);
  if (isTaken(path)) await rename(path, `${path}.old`);
  await rename(temporary, path);
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
  refuseObstacle(path);
  refuseObstacle(`${path}.old`);
  const temporary = buildTemporaryPath(path, 'tmp');
  // A killed process of the same pid may have left one.
  await removeLeftover(temporary);
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
      await publishFile(temporary, path);
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
      if (!isPublished) await removeLeftover(temporary);
      if (failure !== undefined) throw failure;
    },
  };
}
