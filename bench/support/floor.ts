import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/**
 * Compiles a C program of the folder `floor` and runs it; gives its lines as numbers. Undefined when there
 * is no gcc.
 */
export function runFloor(
  name: string,
  outputDir: string,
  args: readonly string[],
): number[] | undefined {
  const source = new URL(`./floor/${name}.c`, import.meta.url).pathname;
  const program = join(outputDir, name);
  try {
    execFileSync('gcc', ['-O2', '-o', program, source]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return execFileSync(program, args, { encoding: 'utf8' }).trim().split('\n').map(Number);
}
