import { closeSync, fchmodSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sleep } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
import { findObstacle } from '../../record/outputPlace.ts';
import { createProblemLog } from '../../base/problemLog.ts';

export interface TextfileOptions {
  readonly path: string;
  readonly intervalMs: number;
  /** The exposition of now, as text 0.0.4: what node_exporter's textfile collector reads. */
  readonly expose: () => Promise<string | Uint8Array>;
  readonly logger: Logger;
}

/** A file of metrics that is kept current. */
export interface TextfileOutput {
  /**
   * Ends the writing and takes the file away: who reads it must not take old numbers for new ones.
   */
  stop(): Promise<void>;
}

/** For all to read, also under the umask of a service. */
function writeReadable(path: string, text: string | Uint8Array): void {
  const descriptor = openSync(path, 'wx', 0o644);
  try {
    fchmodSync(descriptor, 0o644);
    writeFileSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Whole or not at all, for a reader at any moment. A link in the temporary place is not followed.
 *
 * @throws also when something else than a file is there: that is not replaced.
 */
function writeAtomically(path: string, text: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  const obstacle = findObstacle(path);
  if (obstacle !== undefined) throw new Error(obstacle);
  try {
    rmSync(temporary, { force: true });
    writeReadable(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Begins to write the exposition to a file, at once and then at every interval. A failure is logged
 * when it begins, changes and ends, and the next interval tries again.
 */
export function startTextfileOutput(options: TextfileOptions): TextfileOutput {
  const { path, intervalMs, expose, logger } = options;
  const stopping = new AbortController();
  const note = createProblemLog(logger, {
    begun: 'could not write metrics to a file',
    ended: 'writing metrics to a file again',
    fields: { path },
  });
  const writeOnce = async (): Promise<void> => {
    try {
      writeAtomically(path, await expose());
      note(undefined);
    } catch (error) {
      note(describeError(error));
    }
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await writeOnce();
      await sleep(intervalMs, stopping.signal);
    }
  };
  const running = run();

  return {
    stop: async () => {
      stopping.abort();
      await running;
      try {
        if (findObstacle(path) === undefined) rmSync(path, { force: true });
      } catch (error) {
        logger.warn('could not remove the file of metrics', { path, reason: describeError(error) });
      }
    },
  };
}
