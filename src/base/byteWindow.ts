const FIRST_CAPACITY = 64 * 1024;
/** A single token, region or line that is longer is no part of a record. */
const MAX_UNFINISHED_BYTES = 1 << 20;
/** Of a large chunk so much is copied behind what is left, for the parser to get into the chunk. */
const BRIDGE_BYTES = 16 * 1024;
/** Copying less costs less than the detour. */
const MIN_ADOPTED_BYTES = 4 * BRIDGE_BYTES;

/**
 * A window over a stream of bytes: what was read and not yet understood. Parsers look at
 * `bytes[pos..end)` and move `pos`; what lies before `pos` (or `keepFrom`, where set) is forgotten
 * at the next append.
 */
export class ByteWindow {
  bytes: Uint8Array;
  view: DataView;
  pos = 0;
  end = 0;
  /** First byte to keep though it lies before `pos`; -1 for none. */
  keepFrom = -1;
  /** Nothing will be appended any more. */
  isFinal = false;
  #base = 0;
  /** What is written to; `bytes` may be a chunk that is not ours. */
  #own: Uint8Array<ArrayBuffer>;

  constructor(capacity: number = FIRST_CAPACITY) {
    this.#own = new Uint8Array(capacity);
    this.bytes = this.#own;
    this.view = new DataView(this.bytes.buffer);
  }

  /** Offset in the stream of `bytes[index]`. */
  offsetOf(index: number): number {
    return this.#base + index;
  }

  /** @throws RangeError when more would have to be kept than any token of a record takes. */
  append(chunk: Uint8Array): void {
    if (this.bytes !== this.#own || this.end + chunk.length > this.bytes.length) {
      this.#makeRoom(chunk.length);
    }
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /**
   * Appends a chunk and lets the parser advance. A large one is looked at where it is, not copied: it
   * must stay as it is until the next.
   *
   * @throws RangeError as append does
   */
  feed(chunk: Uint8Array, advance: () => void): void {
    let nrAppended = 0;
    if (chunk.length >= MIN_ADOPTED_BYTES) {
      if (this.#kept > 0) {
        nrAppended = BRIDGE_BYTES;
        this.append(chunk.subarray(0, nrAppended));
        advance();
      }
      if (this.#kept <= nrAppended) {
        this.#adopt(chunk, nrAppended);
        advance();
        return;
      }
    }
    this.append(chunk.subarray(nrAppended));
    advance();
  }

  get #from(): number {
    return this.keepFrom < 0 ? this.pos : Math.min(this.keepFrom, this.pos);
  }

  get #kept(): number {
    return this.end - this.#from;
  }

  /** Everything kept is in the chunk, of which so many bytes were appended. */
  #adopt(chunk: Uint8Array, nrAppended: number): void {
    const shift = this.end - nrAppended;
    this.bytes = chunk;
    this.view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
    this.#moveBack(shift);
    this.end = chunk.length;
  }

  #moveBack(shift: number): void {
    this.#base += shift;
    this.pos -= shift;
    if (this.keepFrom >= 0) this.keepFrom -= shift;
  }

  #makeRoom(extra: number): void {
    const from = this.#from;
    const kept = this.end - from;
    if (kept > MAX_UNFINISHED_BYTES) {
      throw new RangeError(`a single value is longer than ${MAX_UNFINISHED_BYTES} bytes`);
    }
    const old = this.bytes;
    if (kept + extra > this.#own.length) {
      this.#own = new Uint8Array(Math.max(2 * this.#own.length, kept + extra));
    }
    // Also within one array.
    this.#own.set(old.subarray(from, this.end));
    this.bytes = this.#own;
    this.view = new DataView(this.bytes.buffer);
    this.#moveBack(from);
    this.end = kept;
  }
}
