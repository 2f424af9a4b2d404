import type { RecordReader, RecordedSnapshot } from '../record/recording.ts';

/** Regions in one chunk of the cache. */
const CHUNK_REGIONS = 1 << 18;
const BYTES_PER_REGION = 24;

interface Chunk {
  readonly startAddr: BigUint64Array;
  readonly endAddr: BigUint64Array;
  readonly nrAccesses: Uint32Array;
  readonly ageIntervals: Uint32Array;
  length: number;
}

/** A snapshot without its columns, and where those are. */
interface CachedSnapshot {
  readonly snapshot: Omit<RecordedSnapshot, 'regions'>;
  readonly chunk: Chunk;
  readonly from: number;
  readonly count: number;
  readonly hasAges: boolean;
}

/**
 * Snapshots kept from one reading for the next, for formats that are slow to read. Gives up, and
 * frees what it kept, when they would take more than the given bytes. Probes and bytes that passed a
 * filter are not kept.
 */
export interface SnapshotCache {
  add(snapshot: RecordedSnapshot): void;
  /** The snapshots in the order they were added; undefined when not all are there. */
  replay(): RecordReader['readSnapshots'] | undefined;
}

function createChunk(capacity: number): Chunk {
  return {
    startAddr: new BigUint64Array(capacity),
    endAddr: new BigUint64Array(capacity),
    nrAccesses: new Uint32Array(capacity),
    ageIntervals: new Uint32Array(capacity),
    length: 0,
  };
}

function appendRegions(chunk: Chunk, { regions }: RecordedSnapshot): number {
  const from = chunk.length;
  chunk.startAddr.set(regions.startAddr.subarray(0, regions.count), from);
  chunk.endAddr.set(regions.endAddr.subarray(0, regions.count), from);
  chunk.nrAccesses.set(regions.nrAccesses.subarray(0, regions.count), from);
  chunk.ageIntervals.set(regions.ageIntervals.subarray(0, regions.count), from);
  chunk.length += regions.count;
  return from;
}

function restore({ snapshot, chunk, from, count, hasAges }: CachedSnapshot): RecordedSnapshot {
  const to = from + count;
  return {
    ...snapshot,
    regions: {
      count,
      startAddr: chunk.startAddr.subarray(from, to),
      endAddr: chunk.endAddr.subarray(from, to),
      nrAccesses: chunk.nrAccesses.subarray(from, to),
      ageIntervals: chunk.ageIntervals.subarray(from, to),
      hasAges,
      probeHits: [],
      filterPassedBytes: undefined,
    },
  };
}

/** Snapshots restored at a time. */
const BATCH_SNAPSHOTS = 256;

export function createSnapshotCache(limitBytes: number): SnapshotCache {
  let kept: CachedSnapshot[] | undefined = [];
  let chunk: Chunk | undefined;
  let bytes = 0;
  const roomFor = (count: number): Chunk | undefined => {
    if (chunk && chunk.length + count <= chunk.nrAccesses.length) return chunk;
    const capacity = Math.max(CHUNK_REGIONS, count);
    bytes += capacity * BYTES_PER_REGION;
    return bytes > limitBytes ? undefined : createChunk(capacity);
  };
  return {
    add: (snapshot) => {
      if (kept === undefined) return;
      const { count, hasAges } = snapshot.regions;
      chunk = roomFor(count);
      if (chunk === undefined) {
        kept = undefined;
        return;
      }
      const { stream, startNs, endNs, sampleIntervalUs, totalBytes, schemeStats } = snapshot;
      kept.push({
        snapshot: { stream, startNs, endNs, sampleIntervalUs, totalBytes, schemeStats },
        chunk,
        from: appendRegions(chunk, snapshot),
        count,
        hasAges,
      });
    },
    replay: () => {
      const snapshots = kept;
      if (snapshots === undefined) return undefined;
      // eslint-disable-next-line @typescript-eslint/require-await -- stands in for a reader
      return async function* () {
        for (let from = 0; from < snapshots.length; from += BATCH_SNAPSHOTS) {
          yield snapshots.slice(from, from + BATCH_SNAPSHOTS).map(restore);
        }
      };
    },
  };
}

const MAX_CACHE_BYTES = 200 << 20;

/** How much of a record to keep for a second reading: nothing of one that is read as fast again. */
export function computeCacheLimit({ format }: Pick<RecordReader, 'format'>): number {
  return format === 'damon-exporter' ? 0 : MAX_CACHE_BYTES;
}
