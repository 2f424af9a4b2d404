import { MAX_TIME_NS } from '../recording.ts';
import type { RecordedSchemeStats, RecordedSnapshot } from '../recording.ts';
import { SCHEME_STATS_FIELDS } from './blockEncoder.ts';
import { addSignedBigint, takeSignedBigint, takeVarint } from './byteColumn.ts';
import type { ByteCursor } from './byteColumn.ts';
import { LIMITS, SNAPSHOT_FLAG } from './layout.ts';

/** What a snapshot's head says besides the snapshot itself. */
export interface SnapshotHead extends Pick<
  RecordedSnapshot,
  'startNs' | 'endNs' | 'sampleIntervalUs' | 'totalBytes' | 'schemeStats'
> {
  readonly flags: number;
  readonly count: number;
  readonly shift: number;
  readonly nrProbes: number;
}

/** What the next head of the same stream is told by its difference from. */
export interface HeadState {
  endNs: bigint;
  sampleIntervalUs: number | undefined;
  totalBytes: bigint;
  stats: RecordedSchemeStats | undefined;
}

/** As a signed number of 64 bits; making one anew takes longer than to see that it is one. */
function limitTime(timeNs: bigint): bigint {
  return timeNs <= MAX_TIME_NS && timeNs >= -MAX_TIME_NS ? timeNs : BigInt.asIntN(64, timeNs);
}

/**
 * The next head; `previousShift` is that of the stream's snapshot before.
 *
 * @throws RangeError when it says what no encoder writes.
 */
export function takeHead(
  column: ByteCursor,
  state: HeadState,
  previousShift: number,
): SnapshotHead {
  const flags = takeVarint(column);
  const count = takeVarint(column);
  const isKey = (flags & (SNAPSHOT_FLAG.isDelta | SNAPSHOT_FLAG.isPlain)) === 0;
  const shift = isKey ? takeVarint(column) : previousShift;
  if (!(shift <= LIMITS.shift)) throw new RangeError('addresses in too large units');
  const startNs = limitTime(addSignedBigint(state.endNs, column));
  const endNs = limitTime(addSignedBigint(startNs, column));
  if (endNs < startNs) throw new RangeError('a snapshot that ends before it starts');
  if (flags & SNAPSHOT_FLAG.hasNewInterval) state.sampleIntervalUs = takeInterval(column);
  let totalBytes: bigint | undefined;
  if (flags & SNAPSHOT_FLAG.hasTotalBytes) {
    totalBytes = addSignedBigint(state.totalBytes, column);
    if (totalBytes !== state.totalBytes) totalBytes = BigInt.asUintN(64, totalBytes);
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
