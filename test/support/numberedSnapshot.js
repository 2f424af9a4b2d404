// Snapshots that can be told from their number alone, for programs that are killed while they record.

const STREAM = {
  kdamond: '0',
  contextIndex: 0,
  schemeIndex: undefined,
  targetId: '0',
  targetName: 'killed',
  intervals: undefined,
  schemeFilters: [],
  dataSource: undefined,
};

/** One region more each time, up to sixty; everything in it follows from the number. */
export function makeNumberedSnapshot(number) {
  const count = 1 + (number % 60);
  const indexes = Array.from({ length: count }, (_, index) => index);
  return {
    stream: STREAM,
    startNs: BigInt(number) * 1000n,
    endNs: BigInt(number + 1) * 1000n,
    regions: {
      count,
      startAddr: BigUint64Array.from(indexes, (index) => BigInt(index * 8192)),
      endAddr: BigUint64Array.from(indexes, (index) => BigInt(index * 8192 + 4096)),
      nrAccesses: Uint32Array.from(indexes, (index) => (index * number) % 21),
      ageIntervals: Uint32Array.from(indexes, (index) => index + number),
      hasAges: true,
      probeHits: [],
      filterPassedBytes: undefined,
    },
    sampleIntervalUs: undefined,
    totalBytes: undefined,
    schemeStats: undefined,
  };
}
