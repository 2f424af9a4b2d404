import type { AddrRange, TargetSpec } from '../damon/spec.ts';
import {
  omitAbsent,
  readIfPresent,
  readInteger,
  readNumbered,
  readSwitch,
  readUint64,
} from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

export interface TargetsOptions {
  /** Physical memory has no process; the kernel shows pid 0 there. */
  readonly hasPid: boolean;
  readonly addrUnit: bigint;
}

function readInitialRegion(fs: KernelFs, path: KernelPath, addrUnit: bigint): AddrRange {
  return {
    startAddr: readUint64(fs, `${path}/start`) * addrUnit,
    endAddr: readUint64(fs, `${path}/end`) * addrUnit,
  };
}

/**
 * What is monitored, and the initial regions; not the regions as they are now.
 *
 * Files: `contexts/<C>/targets`
 * Absent: `isObsolete` before 6.19.
 */
export function readTargets(
  fs: KernelFs,
  path: KernelPath,
  options: TargetsOptions,
): readonly TargetSpec[] {
  const targets = readNumbered(fs, path, (target) => ({
    ...(options.hasPid && { pid: readInteger(fs, `${target}/pid_target`) }),
    ...omitAbsent({ isObsolete: readIfPresent(readSwitch, fs, `${target}/obsolete_target`) }),
    regions:
      readNumbered(fs, `${target}/regions`, (region) =>
        readInitialRegion(fs, region, options.addrUnit),
      ) ?? [],
  }));
  return targets ?? [];
}
