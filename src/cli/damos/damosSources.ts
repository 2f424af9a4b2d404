import type { KernelFs } from '../../kernel/kernelFs.ts';
import { readSystemRam } from '../../kernel/memory.ts';
import { readNodeRam } from '../../kernel/numa.ts';
import { readTextFile } from '../readTextFile.ts';
import type { DamosSources } from './parseDamosOptions.ts';

/** What damo's options refer to, on one machine. */
export function createDamosSources(fs: KernelFs): DamosSources {
  return {
    readSystemRam: () => readSystemRam(fs),
    readNodeRam: (nids) => readNodeRam(fs, nids),
    readFile: readTextFile,
  };
}
