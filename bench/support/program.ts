import { join } from 'node:path';

/** The built program, as a user runs it. */
export const PROGRAM: readonly string[] = [
  process.execPath,
  join(import.meta.dirname, '../../dist/cli/main.js'),
];
