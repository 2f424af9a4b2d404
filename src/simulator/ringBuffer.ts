/** Bytes of one sub-buffer, header included. */
export const SUB_BUFFER_BYTES = 4096;
const HEADER_BYTES = 16;
const DATA_BYTES: number = SUB_BUFFER_BYTES - HEADER_BYTES;

const TYPE_PADDING = 29;
const TYPE_TIME_EXTEND = 30;
/** Larger events carry their length in a word of their own. */
const MAX_SMALL_BYTES = 112;
const DELTA_BITS = 27;
const DELTA_LIMIT: bigint = 1n << BigInt(DELTA_BITS);

/** Set in the commit word when events before this page were lost. */
const MISSED_EVENTS: bigint = 1n << 31n;
/** Set when their number follows the data. */
const MISSED_STORED: bigint = 1n << 30n;

interface SubBuffer {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  usedBytes: number;
  nrEvents: number;
  firstNs: bigint;
  lastNs: bigint;
}

/** What `per_cpu/cpuN/stats` reports. */
export interface RingBufferStats {
  readonly entries: number;
  readonly overrun: number;
  readonly bytes: number;
  readonly oldestNs: bigint;
  readonly readEvents: number;
}

function createSubBuffer(firstNs: bigint): SubBuffer {
  const bytes = new Uint8Array(SUB_BUFFER_BYTES);
  const view = new DataView(bytes.buffer);
  return { bytes, view, usedBytes: 0, nrEvents: 0, firstNs, lastNs: firstNs };
}

/**
 * The trace buffer of one CPU: bounded, the oldest events give way to new ones. What is read from
 * it is laid out as the kernel's `trace_pipe_raw` (`events/header_page`, `events/header_event`).
 */
export class RingBuffer {
  #subBuffers: SubBuffer[] = [];
  #capacity: number;
  #lostSinceRead = 0;
  #overrun = 0;
  #readEvents = 0;

  constructor(nrSubBuffers: number) {
    this.#capacity = Math.max(2, nrSubBuffers);
  }

  resize(nrSubBuffers: number): void {
    this.#capacity = Math.max(2, nrSubBuffers);
    this.#dropOldest();
  }

  clear(): void {
    this.#subBuffers = [];
    this.#lostSinceRead = 0;
    this.#overrun = 0;
    this.#readEvents = 0;
  }

  /** Adds one event; its bytes are copied. */
  write(timeNs: bigint, payload: Uint8Array): void {
    const lengthBytes = payload.length > MAX_SMALL_BYTES ? 4 : 0;
    const eventBytes = 4 + lengthBytes + Math.ceil(payload.length / 4) * 4;
    let last = this.#subBuffers.at(-1);
    const deltaNs = last === undefined ? 0n : timeNs - last.lastNs;
    const extendBytes = deltaNs >= DELTA_LIMIT ? 8 : 0;
    if (last === undefined || last.usedBytes + extendBytes + eventBytes > DATA_BYTES) {
      if (last !== undefined) padRest(last);
      last = createSubBuffer(timeNs);
      this.#subBuffers.push(last);
      this.#dropOldest();
    } else if (extendBytes > 0) {
      appendTimeExtend(last, deltaNs);
    }
    appendEvent(last, timeNs, payload);
  }

  /** The oldest sub-buffer as a whole page; undefined = nothing there. */
  readPage(): Uint8Array | undefined {
    const first = this.#subBuffers.shift();
    if (first === undefined) return undefined;
    const { bytes, view, usedBytes } = first;
    let commit = BigInt(usedBytes);
    if (this.#lostSinceRead > 0) {
      commit |= MISSED_EVENTS;
      if (usedBytes + 8 <= DATA_BYTES) {
        commit |= MISSED_STORED;
        view.setBigUint64(HEADER_BYTES + usedBytes, BigInt(this.#lostSinceRead), true);
      }
      // The kernel adds the flags as a signed 32-bit number.
      commit = BigInt.asUintN(64, BigInt.asIntN(32, commit));
    }
    view.setBigUint64(0, first.firstNs, true);
    view.setBigUint64(8, commit, true);
    this.#lostSinceRead = 0;
    this.#readEvents += first.nrEvents;
    return bytes;
  }

  stats(): RingBufferStats {
    return {
      entries: this.#subBuffers.reduce((sum, { nrEvents }) => sum + nrEvents, 0),
      overrun: this.#overrun,
      bytes: this.#subBuffers.reduce((sum, { usedBytes }) => sum + usedBytes, 0),
      oldestNs: this.#subBuffers[0]?.firstNs ?? 0n,
      readEvents: this.#readEvents,
    };
  }

  #dropOldest(): void {
    while (this.#subBuffers.length > this.#capacity) {
      const lost = this.#subBuffers.shift()?.nrEvents ?? 0;
      this.#lostSinceRead += lost;
      this.#overrun += lost;
    }
  }
}

function appendWord(subBuffer: SubBuffer, word: number): void {
  subBuffer.view.setUint32(HEADER_BYTES + subBuffer.usedBytes, word >>> 0, true);
  subBuffer.usedBytes += 4;
}

function appendTimeExtend(subBuffer: SubBuffer, deltaNs: bigint): void {
  const low = Number(deltaNs & (DELTA_LIMIT - 1n));
  appendWord(subBuffer, (low << 5) | TYPE_TIME_EXTEND);
  appendWord(subBuffer, Number(deltaNs >> BigInt(DELTA_BITS)));
  subBuffer.lastNs += deltaNs;
}

function appendEvent(subBuffer: SubBuffer, timeNs: bigint, payload: Uint8Array): void {
  const words = Math.ceil(payload.length / 4);
  const isSmall = payload.length <= MAX_SMALL_BYTES;
  const delta = Number(timeNs - subBuffer.lastNs);
  appendWord(subBuffer, (delta << 5) | (isSmall ? words : 0));
  if (!isSmall) appendWord(subBuffer, words * 4 + 4);
  subBuffer.bytes.set(payload, HEADER_BYTES + subBuffer.usedBytes);
  subBuffer.usedBytes += words * 4;
  subBuffer.nrEvents++;
  subBuffer.lastNs = timeNs;
}

/** What is left of a full sub-buffer becomes padding, which lies behind the commit length. */
function padRest({ view, usedBytes }: SubBuffer): void {
  const rest = DATA_BYTES - usedBytes;
  if (rest >= 8) {
    view.setUint32(HEADER_BYTES + usedBytes, (1 << 5) | TYPE_PADDING, true);
    view.setUint32(HEADER_BYTES + usedBytes + 4, rest - 4, true);
  } else if (rest >= 4) {
    view.setUint32(HEADER_BYTES + usedBytes, TYPE_PADDING, true);
  }
}
