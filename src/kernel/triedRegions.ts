import { createRegionColumns, type RegionColumns } from '../damon/snapshot.ts';
import { ifPresent, readInteger, readUint64, selectIndexes } from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

/**
 * The regions of the last `update_schemes_tried_regions`, in the order the scheme met them: target
 * by target, ascending by address within each. The kernel does not say which target a region is of.
 *
 * Files: `schemes/<S>/tried_regions/<R>/{start,end,nr_accesses,age}`
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
    for (const [row, index] of indexes.entries()) {
      const region: KernelPath = `${path}/${index}`;
      startAddr[row] = readUint64(fs, `${region}/start`) * addrUnit;
      endAddr[row] = readUint64(fs, `${region}/end`) * addrUnit;
      nrAccesses[row] = readInteger(fs, `${region}/nr_accesses`);
      ageIntervals[row] = readInteger(fs, `${region}/age`);
    }
    columns.count = indexes.length;
    return columns;
  });
}
