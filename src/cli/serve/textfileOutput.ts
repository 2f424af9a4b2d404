import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { sleep } from '../../base/clock.ts';
import { describeError } from '../../base/errors.ts';
import type { Logger } from '../../base/log.ts';
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

/** Whole or not at all, for a reader at any moment. A link in the temporary place is not followed. */
function writeAtomically(path: string, text: string | Uint8Array): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    rmSync(temporary, { force: true });
    writeFileSync(temporary, text, { flag: 'wx', mode: 0o644 });
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
      rmSync(path, { force: true });
    },
  };
}
