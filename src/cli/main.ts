#!/usr/bin/env node
import { runProgram } from './program.ts';

// A reader that goes away (`| head`) ends the program quietly, as it does for every Unix tool.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

process.exitCode = await runProgram(process.argv.slice(2));
