/** 0 has no header; 1 stores process ids as targets, 0 and 2 kernel pointers. */
export type BinaryVersion = 0 | 1 | 2;

const MAGIC = new TextEncoder().encode('damon_recfmt_ver');
export const HEADER_BYTES: number = MAGIC.length + 4;

/** The version a header names, known to us or not; undefined where there is none. */
export function readBinaryVersion(head: Uint8Array): number | undefined {
  if (head.length < HEADER_BYTES || !MAGIC.every((byte, index) => head[index] === byte)) {
    return undefined;
  }
  return new DataView(head.buffer, head.byteOffset).getInt32(MAGIC.length, true);
}

const FIXED_BYTES = 20;
const TASK_BYTES = 12;
const REGION_BYTES = 20;
const MAX_SECONDS = 2n ** 33n;
const MAX_PLAUSIBLE = 1 << 16;

/**
 * Whether the first snapshot of a file without a header makes sense: v0 is told by nothing else.
 * `isWhole`: the head is all of the file.
 */
export function looksLikeVersion0(head: Uint8Array, isWhole: boolean): boolean {
  if (head.length < FIXED_BYTES + TASK_BYTES) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.length);
  const nrTasks = view.getUint32(16, true);
  const nrRegions = view.getUint32(FIXED_BYTES + 8, true);
  const isPlausible =
    view.getBigUint64(0, true) < MAX_SECONDS &&
    view.getBigUint64(8, true) < 1_000_000_000n &&
    nrTasks >= 1 &&
    nrTasks <= MAX_PLAUSIBLE &&
    nrRegions <= MAX_PLAUSIBLE;
  if (!isPlausible) return false;
  let previousEnd = 0n;
  let at = FIXED_BYTES + TASK_BYTES;
  for (let region = 0; region < nrRegions; region += 1, at += REGION_BYTES) {
    if (at + REGION_BYTES > head.length) return !isWhole || region > 0;
    const start = view.getBigUint64(at, true);
    const end = view.getBigUint64(at + 8, true);
    if (start < previousEnd || end <= start) return false;
    previousEnd = end;
  }
  // Without any region there is nothing that zeroes, say, could not be.
  return nrRegions > 0;
}
