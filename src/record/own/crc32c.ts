/** CRC-32C (Castagnoli, reflected): the one storage formats use, and processors have a command for. */
const POLYNOMIAL = 0x82f6_3b78;

/** Slicing by 8: tables[n][byte] advances the remainder by a byte that n more bytes follow. */
const TABLES: readonly Uint32Array[] = createTables();

function createTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? POLYNOMIAL : 0);
    }
    return remainder;
  });
  const tables = [first];
  for (let slice = 1; slice < 8; slice += 1) {
    const shorter = tables[slice - 1] ?? first;
    tables.push(shorter.map((remainder) => (remainder >>> 8) ^ (first[remainder & 0xff] ?? 0)));
  }
  return tables;
}

const [T0, T1, T2, T3, T4, T5, T6, T7] = TABLES as [
  Uint32Array, Uint32Array, Uint32Array, Uint32Array,
  Uint32Array, Uint32Array, Uint32Array, Uint32Array,
]; // prettier-ignore

/** The checksum of `bytes[from..to)` as an unsigned 32-bit number. */
export function computeCrc32c(bytes: Uint8Array, from = 0, to: number = bytes.length): number {
  let crc = -1;
  let at = from;
  /* eslint-disable @typescript-eslint/no-non-null-assertion -- indexes are masked or below `to` */
  for (const last = to - 7; at < last; at += 8) {
    const low =
      crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      T7[low & 0xff]! ^
      T6[(low >>> 8) & 0xff]! ^
      T5[(low >>> 16) & 0xff]! ^
      T4[low >>> 24]! ^
      T3[bytes[at + 4]!]! ^
      T2[bytes[at + 5]!]! ^
      T1[bytes[at + 6]!]! ^
      T0[bytes[at + 7]!]!;
  }
  for (; at < to; at += 1) crc = T0[(crc ^ bytes[at]!) & 0xff]! ^ (crc >>> 8);
  /* eslint-enable @typescript-eslint/no-non-null-assertion */
  return ~crc >>> 0;
}
