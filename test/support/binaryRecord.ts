/** Builds damo's old binary records, of any version. */
export interface BinarySnapshot {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly tasks: readonly BinaryTask[];
}

export interface BinaryTask {
  readonly targetId: bigint;
  /** Start, end, samples. */
  readonly regions: readonly (readonly [bigint, bigint, number])[];
}

function encodeTask(version: number, { targetId, regions }: BinaryTask): Buffer {
  const idBytes = version === 1 ? 4 : 8;
  const bytes = Buffer.alloc(idBytes + 4 + 20 * regions.length);
  if (version === 1) bytes.writeInt32LE(Number(targetId));
  else bytes.writeBigUInt64LE(targetId);
  bytes.writeUInt32LE(regions.length, idBytes);
  for (const [index, [start, end, samples]] of regions.entries()) {
    const at = idBytes + 4 + 20 * index;
    bytes.writeBigUInt64LE(start, at);
    bytes.writeBigUInt64LE(end, at + 8);
    bytes.writeUInt32LE(samples, at + 16);
  }
  return bytes;
}

export function buildBinaryRecord(
  version: 0 | 1 | 2,
  snapshots: readonly BinarySnapshot[],
): Buffer {
  const header = Buffer.alloc(version === 0 ? 0 : 20);
  if (version !== 0) {
    header.write('damon_recfmt_ver', 'latin1');
    header.writeInt32LE(version, 16);
  }
  const parts = snapshots.flatMap(({ seconds, nanoseconds, tasks }) => {
    const head = Buffer.alloc(20);
    head.writeBigInt64LE(BigInt(seconds));
    head.writeBigInt64LE(BigInt(nanoseconds), 8);
    head.writeUInt32LE(tasks.length, 16);
    return [head, ...tasks.map((task) => encodeTask(version, task))];
  });
  return Buffer.concat([header, ...parts]);
}
