import type {
  RecordedRegions,
  RecordedSchemeStats,
  RecordedSnapshot,
  RecordedStream,
} from '../recording.ts';
import { SCHEME_STATS_FIELDS } from './blockEncoder.ts';
import { takeSignedBigint, takeVarint } from './byteColumn.ts';
import type { ByteCursor } from './byteColumn.ts';
import { decodePlain, decodeUnits } from './decodeRegions.ts';
import type { BlockRegions } from './decodeRegions.ts';
import type { BlockHead } from './frame.ts';
import { COLUMN_NAMES, LIMITS, SNAPSHOT_FLAG } from './layout.ts';
import type { ColumnName } from './layout.ts';
import { NO_PREVIOUS_REGIONS } from './regionTag.ts';
import type { PreviousRegions } from './regionTag.ts';
import type { StreamInterner } from './streamDefinition.ts';

type Columns = Readonly<Record<ColumnName, ByteCursor>>;

interface StreamState {
  readonly stream: RecordedStream;
  previous: PreviousRegions;
  endNs: bigint;
  sampleIntervalUs: number | undefined;
  totalBytes: bigint;
  stats: RecordedSchemeStats | undefined;
}

/** What a snapshot's head says besides the snapshot itself. */
interface Head extends Pick<
  RecordedSnapshot,
  'startNs' | 'endNs' | 'sampleIntervalUs' | 'totalBytes' | 'schemeStats'
> {
  readonly flags: number;
  readonly count: number;
  readonly shift: number;
  readonly nrProbes: number;
}

/**
 * The snapshots of an uncompressed block. They share one set of columns: whoever keeps one snapshot
 * keeps the memory of the whole block.
 *
 * @throws RangeError or SyntaxError when the bytes are not what an encoder writes.
 */
export function decodeBlock(
  raw: Buffer,
  { nrSnapshots, nrRegions }: Pick<BlockHead, 'nrSnapshots' | 'nrRegions'>,
  interner: StreamInterner,
): RecordedSnapshot[] {
  const columns = splitColumns(raw);
  const streams = takeStreams(columns.streams, interner);
  // A head takes at least five bytes: a block cannot hold as many as a hostile one may announce.
  if (nrSnapshots > columns.heads.end - columns.heads.at) {
    throw new RangeError('fewer heads than snapshots');
  }
  const regions = createBlockRegions(nrRegions);
  const snapshots: RecordedSnapshot[] = [];
  let offset = 0;
  for (let index = 0; index < nrSnapshots; index += 1) {
    const state = streams[takeVarint(columns.heads)];
    if (state === undefined) throw new RangeError('a stream that is not defined');
    const head = takeHead(columns.heads, state);
    if (!(offset + head.count <= nrRegions)) throw new RangeError('more regions than announced');
    snapshots.push(takeSnapshot(columns, regions, { state, head, offset }));
    offset += head.count;
  }
  if (offset !== nrRegions) throw new RangeError('fewer regions than announced');
  for (const name of COLUMN_NAMES) {
    if (columns[name].at !== columns[name].end) throw new RangeError(`column ${name} does not fit`);
  }
  return snapshots;
}

function splitColumns(raw: Buffer): Columns {
  const nrColumns = raw.length < 4 ? 0 : raw.readUInt32LE(0);
  let at = 4 * (nrColumns + 1);
  if (nrColumns < COLUMN_NAMES.length || nrColumns > LIMITS.columns || at > raw.length) {
    throw new RangeError('no table of columns');
  }
  const entries = COLUMN_NAMES.map((name, index) => {
    const end = at + raw.readUInt32LE(4 * (index + 1));
    if (end > raw.length) throw new RangeError(`column ${name} ends beyond the block`);
    const cursor: ByteCursor = { bytes: raw, at, end };
    at = end;
    return [name, cursor] as const;
  });
  return Object.fromEntries(entries) as Columns;
}

function takeStreams(column: ByteCursor, interner: StreamInterner): StreamState[] {
  const count = takeVarint(column);
  if (!(count <= column.end - column.at)) throw new RangeError('fewer streams than announced');
  const text = new TextDecoder();
  return Array.from({ length: count }, () => {
    const end = takeVarint(column) + column.at;
    if (!(end <= column.end)) throw new RangeError('a definition ends beyond its column');
    const definition = text.decode(column.bytes.subarray(column.at, end));
    column.at = end;
    return {
      stream: interner.intern(definition),
      previous: NO_PREVIOUS_REGIONS,
      endNs: 0n,
      sampleIntervalUs: undefined,
      totalBytes: 0n,
      stats: undefined,
    };
  });
}

function createBlockRegions(count: number): BlockRegions {
  const buffer = new ArrayBuffer(24 * count);
  return {
    startAddr: new BigUint64Array(buffer, 0, count),
    endAddr: new BigUint64Array(buffer, 8 * count, count),
    startHalves: new Uint32Array(buffer, 0, 2 * count),
    endHalves: new Uint32Array(buffer, 8 * count, 2 * count),
    nrAccesses: new Uint32Array(buffer, 16 * count, count),
    ageIntervals: new Uint32Array(buffer, 20 * count, count),
    startUnits: new Float64Array(count),
    endUnits: new Float64Array(count),
  };
}

function takeHead(column: ByteCursor, state: StreamState): Head {
  const flags = takeVarint(column);
  const count = takeVarint(column);
  const isKey = (flags & (SNAPSHOT_FLAG.isDelta | SNAPSHOT_FLAG.isPlain)) === 0;
  const shift = isKey ? takeVarint(column) : state.previous.shift;
  if (!(shift <= LIMITS.shift)) throw new RangeError('addresses in too large units');
  const startNs = BigInt.asIntN(64, state.endNs + takeSignedBigint(column));
  const endNs = BigInt.asIntN(64, startNs + takeSignedBigint(column));
  if (endNs < startNs) throw new RangeError('a snapshot that ends before it starts');
  if (flags & SNAPSHOT_FLAG.hasNewInterval) state.sampleIntervalUs = takeInterval(column);
  let totalBytes: bigint | undefined;
  if (flags & SNAPSHOT_FLAG.hasTotalBytes) {
    totalBytes = BigInt.asUintN(64, state.totalBytes + takeSignedBigint(column));
    state.totalBytes = totalBytes;
  }
  let schemeStats: RecordedSchemeStats | undefined;
  if (flags & SNAPSHOT_FLAG.hasSchemeStats) {
    schemeStats = takeStats(column, state.stats);
    state.stats = schemeStats;
  }
  const nrProbes = flags & SNAPSHOT_FLAG.hasProbes ? takeVarint(column) : 0;
  if (!(nrProbes <= LIMITS.probes)) throw new RangeError('too many probes');
  state.endNs = endNs;
  const { sampleIntervalUs } = state;
  return {
    flags,
    count,
    shift,
    startNs,
    endNs,
    sampleIntervalUs,
    totalBytes,
    schemeStats,
    nrProbes,
  };
}

function takeInterval(column: ByteCursor): number | undefined {
  if (column.at + 8 > column.end) throw new RangeError('column heads does not fit');
  const view = new DataView(column.bytes.buffer, column.bytes.byteOffset + column.at, 8);
  column.at += 8;
  const intervalUs = view.getFloat64(0, true);
  return intervalUs > 0 && intervalUs < Infinity ? intervalUs : undefined;
}

function takeStats(
  column: ByteCursor,
  previous: RecordedSchemeStats | undefined,
): RecordedSchemeStats {
  const entries = SCHEME_STATS_FIELDS.map(
    (field) =>
      [field, BigInt.asUintN(64, (previous?.[field] ?? 0n) + takeSignedBigint(column))] as const,
  );
  return Object.fromEntries(entries) as Record<(typeof SCHEME_STATS_FIELDS)[number], bigint>;
}

interface SnapshotPlace {
  readonly state: StreamState;
  readonly head: Head;
  readonly offset: number;
}

function takeSnapshot(
  columns: Columns,
  block: BlockRegions,
  { state, head, offset }: SnapshotPlace,
): RecordedSnapshot {
  const { flags, count, shift, nrProbes, ...told } = head;
  const hasAges = (flags & SNAPSHOT_FLAG.hasAges) !== 0;
  const range = { offset, count, hasAges };
  if (flags & SNAPSHOT_FLAG.isPlain) {
    decodePlain(columns, block, range);
    state.previous = NO_PREVIOUS_REGIONS;
  } else {
    const isDelta = (flags & SNAPSHOT_FLAG.isDelta) !== 0;
    const previous = isDelta ? state.previous : { ...NO_PREVIOUS_REGIONS, shift };
    state.previous = decodeUnits(columns, block, range, previous);
  }
  const end = offset + count;
  const regions: RecordedRegions = {
    count,
    startAddr: block.startAddr.subarray(offset, end),
    endAddr: block.endAddr.subarray(offset, end),
    nrAccesses: block.nrAccesses.subarray(offset, end),
    ageIntervals: block.ageIntervals.subarray(offset, end),
    hasAges,
    probeHits: Array.from({ length: nrProbes }, () => takeBytes(columns.probes, count)),
    filterPassedBytes:
      flags & SNAPSHOT_FLAG.hasFilterPassed ? takePassed(columns.passed, count) : undefined,
  };
  return { stream: state.stream, ...told, regions };
}

function takeBytes(column: ByteCursor, count: number): Uint8Array {
  const bytes = column.bytes.subarray(column.at, column.at + count);
  column.at += count;
  return bytes;
}

function takePassed(column: ByteCursor, count: number): BigUint64Array {
  return BigUint64Array.from({ length: count }, () => BigInt.asUintN(64, takeSignedBigint(column)));
}
