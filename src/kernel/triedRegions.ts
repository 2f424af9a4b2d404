import { createRegionColumns, type RegionColumns } from '../damon/snapshot.ts';
import { ifPresent, readInteger, readUint64, selectIndexes } from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

/**
 * The regions of the last `update_schemes_tried_regions`, in the order the scheme met them: target
 * by target, ascending by address within each. The kernel does not say which target a region is of.
 *
 * Files: `schemes/<S>/tried_regions/<R>/{start,end,nr_accesses,age,probes/<P>/hits}`
 * Absent: undefined before 6.2, and when another update replaced the regions while they were read.
 */
export function readTriedRegions(
  fs: KernelFs,
  path: KernelPath,
  addrUnit: bigint,
): RegionColumns | undefined {
  return ifPresent(() => {
    const indexes = selectIndexes(fs.list(path));
    const columns = createRegionColumns(indexes.length);
    const { startAddr, endAddr, nrAccesses, ageIntervals } = columns;
    const probes = listProbes(fs, path, indexes);
    const probeHits = probes.map(() => new Uint8Array(indexes.length));
    for (const [row, index] of indexes.entries()) {
      const region: KernelPath = `${path}/${index}`;
      startAddr[row] = readUint64(fs, `${region}/start`) * addrUnit;
      endAddr[row] = readUint64(fs, `${region}/end`) * addrUnit;
      nrAccesses[row] = readInteger(fs, `${region}/nr_accesses`);
      ageIntervals[row] = readInteger(fs, `${region}/age`);
      for (const [at, probe] of probes.entries()) {
        const hits = probeHits[at];
        if (hits) hits[row] = readInteger(fs, `${region}/probes/${probe}/hits`);
      }
    }
    columns.count = indexes.length;
    return probes.length === 0 ? columns : { ...columns, probeHits };
  });
}

/** The probes of the first region are those of all of them. */
function listProbes(fs: KernelFs, path: KernelPath, [first]: readonly number[]): number[] {
  if (first === undefined) return [];
  return ifPresent(() => selectIndexes(fs.list(`${path}/${first}/probes`))) ?? [];
}
