import type { FilterSpec, Uint64Range } from '../damon/spec.ts';
import {
  ifPresent,
  omitAbsent,
  readIfPresent,
  readInteger,
  readNumbered,
  readSwitch,
  readUint64,
  readWord,
} from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

function readSizeRange(fs: KernelFs, path: KernelPath): Uint64Range {
  return { min: readUint64(fs, `${path}/min`), max: readUint64(fs, `${path}/max`) };
}

/** Only what the type uses: each directory has the files of all types. */
function readArguments(
  fs: KernelFs,
  path: KernelPath,
  type: string,
  addrUnit: bigint,
): Partial<FilterSpec> {
  switch (type) {
    case 'memcg':
      return { memcgPath: readWord(fs, `${path}/memcg_path`) };
    case 'addr':
      return {
        addrRange: {
          startAddr: readUint64(fs, `${path}/addr_start`) * addrUnit,
          endAddr: readUint64(fs, `${path}/addr_end`) * addrUnit,
        },
      };
    case 'target':
      return { targetIndex: readInteger(fs, `${path}/damon_target_idx`) };
    case 'hugepage_size':
      return omitAbsent({ sizeBytes: ifPresent(() => readSizeRange(fs, path)) });
    default:
      return {};
  }
}

/**
 * One list of filters.
 *
 * Files: `schemes/<S>/{filters,core_filters,ops_filters}`
 * Absent: undefined where the kernel has no such directory (6.3, 6.15).
 */
export function readFilters(
  fs: KernelFs,
  path: KernelPath,
  addrUnit: bigint,
): readonly FilterSpec[] | undefined {
  return readNumbered(fs, path, (filter) => {
    const type = readWord(fs, `${filter}/type`);
    return {
      type,
      isMatching: readSwitch(fs, `${filter}/matching`),
      ...omitAbsent({ isAllowing: readIfPresent(readSwitch, fs, `${filter}/allow`) }),
      ...readArguments(fs, filter, type, addrUnit),
    };
  });
}
