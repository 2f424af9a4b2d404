import { MAX_TIME_NS } from '../recording.ts';
import type { RecordedSchemeStats, RecordedSnapshot, RecordedStream } from '../recording.ts';
import {
  MAX_VARINT_BYTES,
  createByteColumn,
  pushBytes,
  pushSignedBigint,
  pushVarint,
  reserveBytes,
} from './byteColumn.ts';
import type { ByteColumn } from './byteColumn.ts';
import { encodeRegions } from './encodeRegions.ts';
import type { EncodedRegions } from './encodeRegions.ts';
import { COLUMN_NAMES, LIMITS, SNAPSHOT_FLAG } from './layout.ts';
import type { ColumnName } from './layout.ts';
import { NO_PREVIOUS_REGIONS } from './regionTag.ts';
import type { PreviousRegions } from './regionTag.ts';
import type { StreamDefiner } from './streamDefinition.ts';

/** In the order they are written. */
export const SCHEME_STATS_FIELDS = [
  'triedRegions',
  'triedBytes',
  'appliedRegions',
  'appliedBytes',
  'opsFilterPassedBytes',
  'quotaExceeds',
  'nrSnapshots',
  'maxNrSnapshots',
] as const;

/** A block before compression. */
export interface EncodedBlock {
  readonly raw: Buffer;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly nrSnapshots: number;
  readonly nrRegions: number;
}

interface StreamState {
  readonly index: number;
  previous: PreviousRegions;
  endNs: bigint;
  sampleIntervalUs: number | undefined;
  totalBytes: bigint;
  stats: RecordedSchemeStats | undefined;
}

/** More than a head with all its parts takes. */
const MAX_HEAD_BYTES = 24 * MAX_VARINT_BYTES;

/** A difference of two 64-bit values, signed or not, such that adding it modulo 2^64 leads back. */
function subtract64(later: bigint, earlier: bigint): bigint {
  return BigInt.asIntN(64, later - earlier);
}

/** Collects snapshots into columns. Everything of the block before is forgotten when one begins. */
export class BlockEncoder {
  readonly #definer: StreamDefiner;
  readonly #columns = createColumns();
  #streams = new Map<RecordedStream, StreamState>();
  #definitions: Buffer[] = [];
  #startNs = 0n;
  #endNs = 0n;
  nrSnapshots = 0;
  nrRegions = 0;

  constructor(definer: StreamDefiner) {
    this.#definer = definer;
  }

  /** Bytes of the block as it is now, before compression; definitions of streams not counted. */
  get rawBytes(): number {
    return COLUMN_NAMES.reduce((sum, name) => sum + this.#columns[name].length, 0);
  }

  /** @throws RangeError for a snapshot no reader would take. */
  add(snapshot: RecordedSnapshot): void {
    const { stream, regions, startNs, endNs } = snapshot;
    if (this.nrRegions + regions.count > LIMITS.regionsPerBlock) {
      throw new RangeError(`${regions.count} regions in one snapshot`);
    }
    if (regions.probeHits.length > LIMITS.probes) {
      throw new RangeError(`${regions.probeHits.length} probes`);
    }
    if (endNs < startNs || startNs < -MAX_TIME_NS || endNs > MAX_TIME_NS) {
      throw new RangeError(`a snapshot from ${startNs.toString()} to ${endNs.toString()} ns`);
    }
    const state = this.#streams.get(stream) ?? this.#addStream(stream);
    const encoded = encodeRegions(this.#columns, regions, state.previous);
    this.#pushHead(snapshot, state, encoded);
    this.#pushExtras(snapshot);
    state.previous = encoded.next;
    state.endNs = endNs;
    if (this.nrSnapshots === 0 || startNs < this.#startNs) this.#startNs = startNs;
    if (this.nrSnapshots === 0 || endNs > this.#endNs) this.#endNs = endNs;
    this.nrSnapshots += 1;
    this.nrRegions += regions.count;
  }

  /** Gives what was collected and begins the next block. */
  finish(): EncodedBlock {
    const { streams } = this.#columns;
    reserveBytes(streams, MAX_VARINT_BYTES * (this.#definitions.length + 1));
    pushVarint(streams, this.#definitions.length);
    for (const definition of this.#definitions) {
      reserveBytes(streams, MAX_VARINT_BYTES);
      pushVarint(streams, definition.length);
      pushBytes(streams, definition);
    }
    const block: EncodedBlock = {
      raw: joinColumns(this.#columns),
      startNs: this.#startNs,
      endNs: this.#endNs,
      nrSnapshots: this.nrSnapshots,
      nrRegions: this.nrRegions,
    };
    for (const name of COLUMN_NAMES) this.#columns[name].length = 0;
    this.#streams = new Map();
    this.#definitions = [];
    this.nrSnapshots = 0;
    this.nrRegions = 0;
    return block;
  }

  #addStream(stream: RecordedStream): StreamState {
    const state: StreamState = {
      index: this.#definitions.length,
      previous: NO_PREVIOUS_REGIONS,
      endNs: 0n,
      sampleIntervalUs: undefined,
      totalBytes: 0n,
      stats: undefined,
    };
    this.#definitions.push(Buffer.from(this.#definer.define(stream)));
    this.#streams.set(stream, state);
    return state;
  }

  #pushHead(snapshot: RecordedSnapshot, state: StreamState, encoded: EncodedRegions): void {
    const { regions, sampleIntervalUs, totalBytes, schemeStats } = snapshot;
    const { heads } = this.#columns;
    reserveBytes(heads, MAX_HEAD_BYTES);
    pushVarint(heads, state.index);
    pushVarint(heads, computeFlags(snapshot, state, encoded));
    pushVarint(heads, regions.count);
    if (!encoded.isDelta && encoded.shift !== undefined) pushVarint(heads, encoded.shift);
    pushSignedBigint(heads, subtract64(snapshot.startNs, state.endNs));
    pushSignedBigint(heads, subtract64(snapshot.endNs, snapshot.startNs));
    if (sampleIntervalUs !== state.sampleIntervalUs) pushInterval(heads, sampleIntervalUs);
    state.sampleIntervalUs = sampleIntervalUs;
    if (totalBytes !== undefined) {
      pushSignedBigint(heads, subtract64(totalBytes, state.totalBytes));
      state.totalBytes = totalBytes;
    }
    if (schemeStats !== undefined) {
      for (const field of SCHEME_STATS_FIELDS) {
        pushSignedBigint(heads, subtract64(schemeStats[field], state.stats?.[field] ?? 0n));
      }
      state.stats = schemeStats;
    }
    if (regions.probeHits.length > 0) pushVarint(heads, regions.probeHits.length);
  }

  #pushExtras({ regions }: RecordedSnapshot): void {
    const { count, probeHits, filterPassedBytes } = regions;
    const { probes, passed } = this.#columns;
    for (const hits of probeHits) pushBytes(probes, hits.subarray(0, count));
    if (filterPassedBytes === undefined) return;
    reserveBytes(passed, count * MAX_VARINT_BYTES);
    for (let index = 0; index < count; index += 1) {
      pushSignedBigint(passed, BigInt.asIntN(64, filterPassedBytes[index] ?? 0n));
    }
  }
}

function createColumns(): Record<ColumnName, ByteColumn> {
  const entries = COLUMN_NAMES.map((name) => [name, createByteColumn()] as const);
  return Object.fromEntries(entries) as Record<ColumnName, ByteColumn>;
}

function computeFlags(
  { regions, sampleIntervalUs, totalBytes, schemeStats }: RecordedSnapshot,
  state: StreamState,
  { isDelta, shift }: EncodedRegions,
): number {
  const { hasAges, probeHits, filterPassedBytes } = regions;
  return (
    (hasAges ? SNAPSHOT_FLAG.hasAges : 0) |
    (isDelta ? SNAPSHOT_FLAG.isDelta : 0) |
    (shift === undefined ? SNAPSHOT_FLAG.isPlain : 0) |
    (sampleIntervalUs === state.sampleIntervalUs ? 0 : SNAPSHOT_FLAG.hasNewInterval) |
    (totalBytes === undefined ? 0 : SNAPSHOT_FLAG.hasTotalBytes) |
    (schemeStats === undefined ? 0 : SNAPSHOT_FLAG.hasSchemeStats) |
    (filterPassedBytes === undefined ? 0 : SNAPSHOT_FLAG.hasFilterPassed) |
    (probeHits.length === 0 ? 0 : SNAPSHOT_FLAG.hasProbes)
  );
}

/** A double, because damo's files may have fractions; not a number = not known any more. */
function pushInterval(column: ByteColumn, intervalUs: number | undefined): void {
  const view = new DataView(column.bytes.buffer, column.length, 8);
  view.setFloat64(0, intervalUs ?? NaN, true);
  column.length += 8;
}

/** Their number, the length of each, then their bytes. */
function joinColumns(columns: Readonly<Record<ColumnName, ByteColumn>>): Buffer {
  const parts = COLUMN_NAMES.map((name) => {
    const { bytes, length } = columns[name];
    return bytes.subarray(0, length);
  });
  const lengths = Buffer.alloc(4 * (parts.length + 1));
  lengths.writeUInt32LE(parts.length);
  parts.forEach((part, index) => lengths.writeUInt32LE(part.length, 4 * (index + 1)));
  return Buffer.concat([lengths, ...parts]);
}
