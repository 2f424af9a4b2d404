import { describeError, isKernelErrno } from '../base/errors.ts';
import { formatDamoKdamonds } from '../config/damo/formatDamoKdamonds.ts';
import type { AddrRange } from '../damon/spec.ts';
import { readSystemRam } from '../kernel/memory.ts';
import { readNodeRam } from '../kernel/numa.ts';
import type { DamosArguments } from './damos/damosOptions.ts';
import { parseDamosOptions } from './damos/parseDamosOptions.ts';
import { openMachineKernel } from './kernelAccess.ts';
import type { PathArguments } from './options.ts';
import { readPackageInfo } from './packageInfo.ts';
import { readTextFile } from './readTextFile.ts';

export interface FmtJsonArguments extends DamosArguments, PathArguments {
  readonly raw: boolean;
}

/** Schemes can be written by anybody; only where memory lies is for the privileged. */
function readRamIfAllowed(read: () => readonly AddrRange[]): readonly AddrRange[] {
  try {
    return read();
  } catch (error) {
    if (!isKernelErrno(error, 'EPERM', 'EACCES')) throw error;
    process.stderr.write(
      `${readPackageInfo().name}: warning: the regions of physical memory are left out: ${describeError(error)}\n`,
    );
    return [];
  }
}

/**
 * Prints the kdamonds that the options ask for.
 *
 * @throws UsageError, ConfigError, KernelError.
 */
export function runFmtJson(args: FmtJsonArguments): void {
  const { fs } = openMachineKernel(args);
  const kdamonds = parseDamosOptions(args, {
    readSystemRam: () => readRamIfAllowed(() => readSystemRam(fs)),
    readNodeRam: (nids) => readRamIfAllowed(() => readNodeRam(fs, nids)),
    readFile: readTextFile,
  });
  process.stdout.write(formatDamoKdamonds(kdamonds, args.raw));
}
