import type { ContextState } from '../damon/kdamond.ts';
import {
  omitAbsent,
  readIfPresent,
  readNumbered,
  readSwitch,
  readUint64,
  readWord,
} from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';
import { readMonitoringAttrs } from './monitoringAttrs.ts';
import { readScheme } from './schemes.ts';
import { readTargets } from './targets.ts';

export interface ContextOptions {
  readonly withTriedRegions: boolean;
}

/** Files: `contexts/<C>` */
export function readContext(fs: KernelFs, path: KernelPath, options: ContextOptions): ContextState {
  const operations = readWord(fs, `${path}/operations`);
  const ownAddrUnit = readIfPresent(readUint64, fs, `${path}/addr_unit`);
  const addrUnit = ownAddrUnit ?? 1n;
  const hasPid = operations !== 'paddr';
  const schemeOptions = { addrUnit, withTriedRegions: options.withTriedRegions };
  return {
    operations,
    ...omitAbsent({
      addrUnit: ownAddrUnit,
      isPaused: readIfPresent(readSwitch, fs, `${path}/pause`),
      availOperations: readIfPresent(readWord, fs, `${path}/avail_operations`)
        ?.split('\n')
        .filter((word) => word !== ''),
    }),
    ...readMonitoringAttrs(fs, `${path}/monitoring_attrs`),
    targets: readTargets(fs, `${path}/targets`, { hasPid, addrUnit }),
    schemes:
      readNumbered(fs, `${path}/schemes`, (scheme) => readScheme(fs, scheme, schemeOptions)) ?? [],
  };
}
