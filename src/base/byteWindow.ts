const FIRST_CAPACITY = 64 * 1024;
/** A single token, region or line that is longer is no part of a record. */
const MAX_UNFINISHED_BYTES = 1 << 20;

/**
 * A window over a stream of bytes: what was read and not yet understood. Parsers look at
 * `bytes[pos..end)` and move `pos`; what lies before `pos` (or `keepFrom`, where set) is forgotten
 * at the next append.
 */
export class ByteWindow {
  bytes: Uint8Array<ArrayBuffer>;
  view: DataView;
  pos = 0;
  end = 0;
  /** First byte to keep though it lies before `pos`; -1 for none. */
  keepFrom = -1;
  /** Nothing will be appended any more. */
  isFinal = false;
  #base = 0;

  constructor(capacity: number = FIRST_CAPACITY) {
    this.bytes = new Uint8Array(capacity);
    this.view = new DataView(this.bytes.buffer);
  }

  /** Offset in the stream of `bytes[index]`. */
  offsetOf(index: number): number {
    return this.#base + index;
  }

  /** @throws RangeError when more would have to be kept than any token of a record takes. */
  append(chunk: Uint8Array): void {
    if (this.end + chunk.length > this.bytes.length) this.#makeRoom(chunk.length);
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  #makeRoom(extra: number): void {
    const from = this.keepFrom < 0 ? this.pos : Math.min(this.keepFrom, this.pos);
    const kept = this.end - from;
    if (kept > MAX_UNFINISHED_BYTES) {
      throw new RangeError(`a single value is longer than ${MAX_UNFINISHED_BYTES} bytes`);
    }
    const old = this.bytes;
    if (kept + extra > old.length) {
      this.bytes = new Uint8Array(Math.max(2 * old.length, kept + extra));
      this.view = new DataView(this.bytes.buffer);
      this.bytes.set(old.subarray(from, this.end));
    } else {
      old.copyWithin(0, from, this.end);
    }
    this.#base += from;
    this.pos -= from;
    this.end = kept;
    if (this.keepFrom >= 0) this.keepFrom -= from;
  }
}
