import { readFileSync, statSync } from 'node:fs';
import { UsageError, describeError } from '../base/errors.ts';

/** More is no file that people or damo wrote for this. */
const MAX_BYTES = 4 << 20;

/**
 * A small text file that the command line names: a regular one, or a pipe (`<(…)`, /dev/stdin).
 *
 * @param what For messages: the option.
 * @throws UsageError when it cannot be read.
 */
export function readTextFile(path: string, what: string): string {
  try {
    const stat = statSync(path);
    if (!stat.isFile() && !stat.isFIFO()) throw new Error('not a file');
    if (stat.size > MAX_BYTES) throw new Error(`${stat.size} bytes, expected at most ${MAX_BYTES}`);
    return readFileSync(path, 'utf8');
  } catch (error) {
    const shown = path.length > 60 ? `${path.slice(0, 57)}…` : path;
    const problem = (error as NodeJS.ErrnoException).code ?? describeError(error);
    throw new UsageError(
      `${what}: read ${JSON.stringify(shown)}: ${problem}; expected the text itself, or the name of a file`,
      { cause: error },
    );
  }
}
