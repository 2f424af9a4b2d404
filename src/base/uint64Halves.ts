const isLittleEndian = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** Index of the low 32 bits within each pair of a viewed column. */
export const LOW_HALF: number = isLittleEndian ? 0 : 1;

/** Index of the high 32 bits within each pair of a viewed column. */
export const HIGH_HALF: number = 1 - LOW_HALF;

/**
 * The same memory as pairs of 32-bit numbers: reading 64-bit elements makes one bigint each, reading
 * halves makes nothing.
 */
export function viewUint64Halves(column: BigUint64Array): Uint32Array {
  return new Uint32Array(column.buffer, column.byteOffset, column.length * 2);
}

/**
 * The same for a column that is looked at again and again: snapshots that are lent share theirs, and
 * a view for each would cost as much as a good part of its regions.
 */
export function createHalvesViewer(): (column: BigUint64Array) => Uint32Array {
  let latest: BigUint64Array = new BigUint64Array(0);
  let view = viewUint64Halves(latest);
  return (column) => {
    if (column !== latest) {
      latest = column;
      view = viewUint64Halves(column);
    }
    return view;
  };
}

/** `high` x 2^32 + `low`, exact for any two whole numbers; a half may be a sum or negative. */
export function joinUint64Halves(high: number, low: number): bigint {
  return (BigInt(high) << 32n) + BigInt(low);
}
