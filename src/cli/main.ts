#!/usr/bin/env node
import { isatty } from 'node:tty';
import { EXIT_STATUS, describeError } from '../base/errors.ts';
import { readPackageInfo } from './packageInfo.ts';
import { runProgram } from './program.ts';

const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));

function exit(status: number): never {
  // Node aborts, and dumps core, when it cannot set back a terminal that was taken away meanwhile.
  if (!terminals.every((descriptor) => isatty(descriptor))) {
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  }
  process.exit(status);
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // A reader that goes away (`| head`) ends the program quietly, as it does for every Unix tool.
  if (error.code === 'EPIPE') exit(0);
  process.stderr.write(`${readPackageInfo().name}: write the output: ${describeError(error)}\n`);
  exit(EXIT_STATUS.failure);
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
exit(status);
