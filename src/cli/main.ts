#!/usr/bin/env node
import { runProgram } from './program.ts';

// A reader that goes away (`| head`) ends the program quietly, as it does for every Unix tool.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

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
