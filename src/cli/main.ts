#!/usr/bin/env node
import { EXIT_STATUS, describeError } from '../base/errors.ts';
import { readPackageInfo } from './packageInfo.ts';
import { runProgram } from './program.ts';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that goes away (`| head`) ends the program quietly, as it does for every Unix tool.
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`${readPackageInfo().name}: write the output: ${describeError(error)}\n`);
  process.exit(EXIT_STATUS.failure);
});
// Nobody is left who could be told.
process.stderr.on('error', () => undefined);

const status = await runProgram(process.argv.slice(2));

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => {
      resolve();
    });
  });
}

// Ends here instead of letting Node wait for V8's background work: that wait goes on forever, one
// time in a hundred on a busy machine, where a condition variable loses a wake-up (glibc bug 25847).
await Promise.all([flush(process.stdout), flush(process.stderr)]);
process.exit(status);
