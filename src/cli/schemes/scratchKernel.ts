import { KernelError, UsageError } from '../../base/errors.ts';
import { isSince } from '../../damon/capabilities.ts';
import { trimAttribute } from '../../kernel/attribute.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { createSimulatedKernel } from '../../simulator/simulatedKernel.ts';

export interface ScratchKernel {
  readonly fs: KernelFs;
  /** "Linux 6.12.1", for people. */
  readonly title: string;
}

/** The oldest kernel there is something to plan for. */
const FIRST_SYSFS = '5.18';

const RELEASE = /^\d+\.\d+/;

/**
 * A simulated kernel with the features of another one, to plan on: what a kernel has is only seen
 * in directories that somebody has made, and a plan makes none.
 *
 * @param release Undefined: that of the machine.
 * @throws UsageError when it is none; KernelError when the machine does not tell, or there is no DAMON to
 *   plan for.
 */
export function createScratchKernel(release: string | undefined, fs: KernelFs): ScratchKernel {
  if (release !== undefined && !RELEASE.test(release)) {
    throw new UsageError(
      `--kernel: found "${release}", expected the version of a kernel such as 6.12 or 7.2`,
    );
  }
  const version = release ?? trimAttribute(fs.readText('proc/sys/kernel/osrelease'));
  if (!isSince(version, FIRST_SYSFS)) {
    throw new KernelError({
      operation: 'plan for',
      path: `Linux ${version}`,
      hint: `it has no DAMON in sysfs; Linux ${FIRST_SYSFS} was the first`,
    });
  }
  const scratch = createSimulatedKernel({ version, seed: 1, isDamonStatOn: false });
  return { fs: scratch.fs, title: `Linux ${version}` };
}
