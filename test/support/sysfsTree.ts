import { isKernelErrno } from '../../src/base/errors.ts';
import type { KernelFs, KernelPath } from '../../src/kernel/kernelFs.ts';

function readTree(fs: KernelFs, path: KernelPath): [string, string][] {
  try {
    return fs.list(path).flatMap((name) => readTree(fs, `${path}/${name}`));
  } catch (error) {
    if (!isKernelErrno(error, 'ENOTDIR')) throw error;
    return [[path, fs.readText(path)]];
  }
}

/** Every file of DAMON's sysfs tree and of its modules, with what is in it. */
export function readDamonTree(fs: KernelFs): ReadonlyMap<string, string> {
  return new Map([...readTree(fs, 'sys/kernel/mm/damon'), ...readTree(fs, 'sys/module')]);
}
