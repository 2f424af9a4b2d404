import { UsageError } from '../../base/errors.ts';
import { trimAttribute } from '../../kernel/attribute.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { createSimulatedKernel } from '../../simulator/simulatedKernel.ts';

export interface ScratchKernel {
  readonly fs: KernelFs;
  /** "Linux 6.12.1", for people. */
  readonly title: string;
}

const RELEASE = /^\d+\.\d+/;

/**
 * A simulated kernel with the features of another one, to plan on: what a kernel has is only seen
 * in directories that somebody has made, and a plan makes none.
 *
 * @param release Undefined: that of the machine.
 * @throws UsageError when it is none; KernelError when the machine does not tell.
 */
export function createScratchKernel(release: string | undefined, fs: KernelFs): ScratchKernel {
  if (release !== undefined && !RELEASE.test(release)) {
    throw new UsageError(
      `--kernel: found "${release}", expected the version of a kernel such as 6.12 or 7.2`,
    );
  }
  const version = release ?? trimAttribute(fs.readText('proc/sys/kernel/osrelease'));
  const scratch = createSimulatedKernel({ version, seed: 1, isDamonStatOn: false });
  return { fs: scratch.fs, title: `Linux ${version}` };
}
