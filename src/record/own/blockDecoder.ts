import type {
  LendOptions,
  RecordedRegions,
  RecordedSnapshot,
  RecordedStream,
} from '../recording.ts';
import { takeSignedBigint, takeVarint } from './byteColumn.ts';
import type { ByteCursor } from './byteColumn.ts';
import { decodePlain, decodeUnits } from './decodeRegions.ts';
import type { BlockRegions } from './decodeRegions.ts';
import type { BlockHead } from './frame.ts';
import { COLUMN_NAMES, LIMITS, SNAPSHOT_FLAG } from './layout.ts';
import type { ColumnName } from './layout.ts';
import { createNoPrevious } from './regionTag.ts';
import type { PreviousRegions } from './regionTag.ts';
import { takeHead } from './snapshotHead.ts';
import type { HeadState, SnapshotHead } from './snapshotHead.ts';
import type { StreamInterner } from './streamDefinition.ts';

type Columns = Readonly<Record<ColumnName, ByteCursor>>;

interface StreamState extends HeadState {
  readonly stream: RecordedStream;
  previous: PreviousRegions;
  /** Columns to lend: the next snapshot's, and the latest one's, of which the next is told. */
  spare: LentRegions | undefined;
  latest: LentRegions | undefined;
}

interface LentRegions extends BlockRegions {
  readonly capacity: number;
}

interface OpenBlock {
  readonly columns: Columns;
  readonly streams: readonly StreamState[];
  readonly nrSnapshots: number;
  readonly nrRegions: number;
}

/** Where the regions of a snapshot go, and what of those columns it shows. */
interface RegionPlace {
  readonly block: BlockRegions;
  readonly offset: number;
  readonly shown: BlockColumns;
  readonly withAges: boolean;
}

const NO_PROBES: readonly Uint8Array[] = [];

type BlockColumns = Pick<RecordedRegions, 'startAddr' | 'endAddr' | 'nrAccesses' | 'ageIntervals'>;

type Counts = Pick<BlockHead, 'nrSnapshots' | 'nrRegions'>;

/**
 * The snapshots of an uncompressed block. They share one set of columns: whoever keeps one snapshot
 * keeps the memory of the whole block.
 *
 * @throws RangeError or SyntaxError when the bytes are not what an encoder writes.
 */
export function decodeBlock(
  raw: Buffer,
  counts: Counts,
  interner: StreamInterner,
): RecordedSnapshot[] {
  const opened = openBlock(raw, counts, interner);
  const block = createBlockRegions(counts.nrRegions);
  let offset = 0;
  const place = (_: StreamState, count: number): RegionPlace => {
    const from = offset;
    offset += count;
    const shown = {
      startAddr: block.startAddr.subarray(from, offset),
      endAddr: block.endAddr.subarray(from, offset),
      nrAccesses: block.nrAccesses.subarray(from, offset),
      ageIntervals: block.ageIntervals.subarray(from, offset),
    };
    return { block, offset: from, shown, withAges: true };
  };
  return [...takeSnapshots(opened, place)];
}

/**
 * The same snapshots one by one; the next of the same stream overwrites the columns of each.
 *
 * @throws RangeError or SyntaxError as decodeBlock, where it comes to the bytes that are wrong.
 */
export function lendBlock(
  raw: Buffer,
  counts: Counts,
  { interner, withAges }: { readonly interner: StreamInterner } & LendOptions,
): Iterable<RecordedSnapshot> {
  const opened = openBlock(raw, counts, interner);
  return takeSnapshots(opened, (state, count) => {
    const { spare, latest } = state;
    let block = spare;
    if (block === undefined || block.capacity < count) {
      const isShort = latest === undefined || latest.capacity < count;
      block = isShort ? createBlockRegions(count + (count >> 2)) : createTwin(latest);
    }
    state.spare = latest;
    state.latest = block;
    return { block, offset: 0, shown: block, withAges };
  });
}

function openBlock(
  raw: Buffer,
  { nrSnapshots, nrRegions }: Counts,
  interner: StreamInterner,
): OpenBlock {
  const columns = splitColumns(raw);
  const streams = takeStreams(columns.streams, interner);
  // A head takes at least five bytes: a block cannot hold as many as a hostile one may announce.
  if (nrSnapshots > columns.heads.end - columns.heads.at) {
    throw new RangeError('fewer heads than snapshots');
  }
  return { columns, streams, nrSnapshots, nrRegions };
}

function* takeSnapshots(
  { columns, streams, nrSnapshots, nrRegions }: OpenBlock,
  choosePlace: (state: StreamState, count: number) => RegionPlace,
): Generator<RecordedSnapshot> {
  let nrTaken = 0;
  let withAges = true;
  for (let index = 0; index < nrSnapshots; index += 1) {
    const state = streams[takeVarint(columns.heads)];
    if (state === undefined) throw new RangeError('a stream that is not defined');
    const head = takeHead(columns.heads, state, state.previous.shift);
    nrTaken += head.count;
    if (!(nrTaken <= nrRegions)) throw new RangeError('more regions than announced');
    const place = choosePlace(state, head.count);
    ({ withAges } = place);
    yield takeSnapshot(columns, state, head, place);
  }
  if (nrTaken !== nrRegions) throw new RangeError('fewer regions than announced');
  for (const name of COLUMN_NAMES) {
    const isRead = columns[name].at === columns[name].end || (name === 'ages' && !withAges);
    if (!isRead) throw new RangeError(`column ${name} does not fit`);
  }
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
      previous: createNoPrevious(LIMITS.shift),
      latest: undefined,
      spare: undefined,
      endNs: 0n,
      sampleIntervalUs: undefined,
      totalBytes: 0n,
      stats: undefined,
    };
  });
}

function createBlockRegions(count: number): LentRegions {
  const buffer = new ArrayBuffer(24 * count);
  return {
    startAddr: new BigUint64Array(buffer, 0, count),
    endAddr: new BigUint64Array(buffer, 8 * count, count),
    startHalves: new Uint32Array(buffer, 0, 2 * count),
    endHalves: new Uint32Array(buffer, 8 * count, 2 * count),
    addrHalves: new Uint32Array(buffer, 0, 4 * count),
    nrAccesses: new Uint32Array(buffer, 16 * count, count),
    ageIntervals: new Uint32Array(buffer, 20 * count, count),
    startUnits: new Float64Array(count),
    endUnits: new Float64Array(count),
    runStarts: [],
    capacity: count,
  };
}

/** The same addresses, which only the reader looks at, but else columns of its own. */
function createTwin(block: LentRegions): LentRegions {
  const { capacity } = block;
  return {
    ...block,
    nrAccesses: new Uint32Array(capacity),
    ageIntervals: new Uint32Array(capacity),
    startUnits: new Float64Array(capacity),
    endUnits: new Float64Array(capacity),
    runStarts: [],
  };
}

function takeSnapshot(
  columns: Columns,
  state: StreamState,
  head: SnapshotHead,
  { block, offset, shown, withAges }: RegionPlace,
): RecordedSnapshot {
  const { flags, count, shift, nrProbes } = head;
  const hasAges = withAges && (flags & SNAPSHOT_FLAG.hasAges) !== 0;
  const range = { offset, count, hasAges };
  // The next snapshot is told by its difference from these.
  if (withAges && !hasAges) block.ageIntervals.fill(0, offset, offset + count);
  const isPlain = (flags & SNAPSHOT_FLAG.isPlain) !== 0;
  if (isPlain) {
    decodePlain(columns, block, range);
    state.previous = createNoPrevious(LIMITS.shift);
  } else {
    const isDelta = (flags & SNAPSHOT_FLAG.isDelta) !== 0;
    const previous = isDelta ? state.previous : createNoPrevious(shift);
    state.previous = decodeUnits(columns, block, range, previous);
  }
  const { startAddr, endAddr, nrAccesses, ageIntervals } = shown;
  const regions: RecordedRegions = {
    count,
    startAddr,
    endAddr,
    nrAccesses,
    ageIntervals,
    hasAges,
    probeHits: nrProbes === 0 ? NO_PROBES : takeProbes(columns.probes, nrProbes, count),
    filterPassedBytes:
      flags & SNAPSHOT_FLAG.hasFilterPassed ? takePassed(columns.passed, count) : undefined,
    // Kept snapshots share their columns, but what is told of the last one only is not kept.
    runStarts: isPlain || shown !== block ? undefined : block.runStarts,
  };
  const { startNs, endNs, sampleIntervalUs, totalBytes, schemeStats } = head;
  const { stream } = state;
  return { stream, startNs, endNs, sampleIntervalUs, totalBytes, schemeStats, regions };
}

function takeProbes(column: ByteCursor, nrProbes: number, count: number): Uint8Array[] {
  return Array.from({ length: nrProbes }, () => {
    const from = column.at;
    column.at += count;
    return column.bytes.subarray(from, column.at);
  });
}

function takePassed(column: ByteCursor, count: number): BigUint64Array {
  return BigUint64Array.from({ length: count }, () => BigInt.asUintN(64, takeSignedBigint(column)));
}
