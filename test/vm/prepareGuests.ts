import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { INITRAMFS } from './harness.ts';

function run(command: string, args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

/**
 * Once before all tests that boot kernels: fetches the kernels, compiles the programs that run in
 * the guests and packs them with the built package. A failure fails the run.
 */
export function setup(): void {
  run('test/vm/fetchKernels.sh', []);
  // What was compiled from files that are gone must not go on working.
  rmSync('.cache/vm/build', { recursive: true, force: true });
  run('node_modules/.bin/tsc', ['-p', 'test/vm/tsconfig.json']);
  run('test/vm/packInitramfs.sh', [INITRAMFS]);
}
