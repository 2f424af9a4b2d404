import type { ByteWindow } from '../../base/byteWindow.ts';
import { MAX_TIME_NS } from '../recording.ts';

/** Lines that say something about DAMON's regions. */
export type TraceEvent = 'aggregated' | 'region_aggregated' | 'before_apply' | 'tune';

/**
 * One line, taken apart. The object is reused for every line. 64-bit numbers are halves: a file
 * has millions of lines.
 */
export interface TraceLine {
  event: TraceEvent;
  /** Bytes of the window that name the task: "kdamond.0  185", "kdamond.0-185". */
  taskFrom: number;
  taskTo: number;
  seconds: number;
  nanoseconds: number;
  targetLow: number;
  targetHigh: number;
  contextIndex: number;
  schemeIndex: number;
  nrRegions: number;
  startLow: number;
  startHigh: number;
  endLow: number;
  endHigh: number;
  nrAccesses: number;
  /** -1: the kernel does not tell ages (before 5.17), or damo had none to write. */
  age: number;
  /** Damo's placeholder behind a snapshot that is alone, so that its duration can be told. */
  isFake: boolean;
  sampleIntervalUs: number;
  readonly probeHits: number[];
}

export function createTraceLine(): TraceLine {
  return {
    event: 'aggregated',
    taskFrom: 0,
    taskTo: 0,
    seconds: 0,
    nanoseconds: 0,
    targetLow: 0,
    targetHigh: 0,
    contextIndex: 0,
    schemeIndex: 0,
    nrRegions: 0,
    startLow: 0,
    startHigh: 0,
    endLow: 0,
    endHigh: 0,
    nrAccesses: 0,
    age: -1,
    isFake: false,
    sampleIntervalUs: 0,
    probeHits: [],
  };
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const EVENTS: readonly (readonly [TraceEvent, Uint8Array])[] = [
  ['aggregated', encode('damon_aggregated:')],
  ['region_aggregated', encode('damon_region_aggregated:')],
  ['before_apply', encode('damos_before_apply:')],
  ['tune', encode('damon_monitor_intervals_tune:')],
];
const SYSTEM = encode('damon:');
const KEYS = {
  target: encode('target_id='),
  targetIndex: encode('target_idx='),
  context: encode('ctx_idx='),
  scheme: encode('scheme_idx='),
  nrRegions: encode('nr_regions='),
  sample: encode('sample_us='),
  probes: encode('probe_hits='),
  none: encode('None'),
} as const;

const SPACE = 0x20;
const COLON = 0x3a;
const DASH = 0x2d;
const DOT = 0x2e;
const OPEN_BRACKET = 0x5b;
const ZERO = 0x30;
const UINT32_RANGE = 2 ** 32;
const MAX_EXACT_DIGITS = 15;
const MAX_SECONDS = Number(MAX_TIME_NS / 1_000_000_000n) - 1;

/** A number is read into `low` and `high`; a failure shows in `at` = -1 and stays there. */
class Cursor {
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  end = 0;
  low = 0;
  high = 0;

  skipSpaces(): void {
    while (this.at >= 0 && this.at < this.end && this.bytes[this.at] === SPACE) this.at += 1;
  }

  startsWith(text: Uint8Array): boolean {
    if (this.at < 0 || this.at + text.length > this.end) return false;
    for (let index = 0; index < text.length; index += 1) {
      if (this.bytes[this.at + index] !== text[index]) return false;
    }
    return true;
  }

  take(text: Uint8Array): void {
    this.skipSpaces();
    this.at = this.startsWith(text) ? this.at + text.length : -1;
  }

  takeByte(byte: number): void {
    this.at = this.at >= 0 && this.at < this.end && this.bytes[this.at] === byte ? this.at + 1 : -1;
  }

  takeNumber(): void {
    if (this.at < 0) return;
    let value = 0;
    let at = this.at;
    for (; at < this.end; at += 1) {
      const digit = (this.bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    const nrDigits = at - this.at;
    if (nrDigits <= MAX_EXACT_DIGITS) {
      this.low = value >>> 0;
      this.high = Math.floor(value / UINT32_RANGE);
    } else this.#setWide(at);
    this.at = nrDigits === 0 || nrDigits > 20 || this.at < 0 ? -1 : at;
  }

  #setWide(to: number): void {
    const value = BigInt(
      Buffer.from(this.bytes.subarray(this.at, Math.min(to, this.at + 21))).toString('latin1'),
    );
    if (value >= 1n << 64n) this.at = -1;
    this.low = Number(value & 0xffff_ffffn);
    this.high = Number((value >> 32n) & 0xffff_ffffn);
  }

  /** A number below 2^32. */
  takeUint32(): number {
    this.takeNumber();
    if (this.high !== 0) this.at = -1;
    return this.low;
  }
}

/** Takes lines apart as `perf script`, `trace-cmd report` and tracefs print them, and damo writes. */
export class TraceLineParser {
  readonly #cursor = new Cursor();

  /**
   * Parses the line `[from, to)` of the window.
   *
   * @returns false for a line about something else.
   * @throws RangeError for a line of one of the events that is not as the kernel prints it.
   */
  parse(window: ByteWindow, from: number, to: number, line: TraceLine): boolean {
    const cursor = this.#cursor;
    cursor.bytes = window.bytes;
    cursor.end = to;
    const colon = findEvent(window.bytes, from, to);
    if (colon < 0) return false;
    cursor.at = colon + 2;
    if (cursor.startsWith(SYSTEM)) cursor.at += SYSTEM.length;
    const event = EVENTS.find(([, name]) => cursor.startsWith(name));
    if (event === undefined) return false;
    if (!parseHead(window.bytes, from, colon, line)) {
      throw new RangeError(`found no time before damon:${event[0]}`);
    }
    line.event = event[0];
    cursor.at += event[1].length;
    if (line.event === 'tune') {
      cursor.take(KEYS.sample);
      line.sampleIntervalUs = cursor.takeUint32();
    } else this.#parseRegion(line);
    if (cursor.at < 0) throw new RangeError(`not as the kernel prints damon:${event[0]}`);
    return true;
  }

  #parseRegion(line: TraceLine): void {
    const cursor = this.#cursor;
    if (line.event === 'before_apply') {
      cursor.take(KEYS.context);
      line.contextIndex = cursor.takeUint32();
      cursor.take(KEYS.scheme);
      line.schemeIndex = cursor.takeUint32();
      cursor.take(KEYS.targetIndex);
    } else cursor.take(KEYS.target);
    // Damo writes the target of a snapshot record as None.
    if (cursor.startsWith(KEYS.none)) {
      cursor.at += KEYS.none.length;
      cursor.low = cursor.high = 0;
    } else cursor.takeNumber();
    line.targetLow = cursor.low;
    line.targetHigh = cursor.high;
    cursor.take(KEYS.nrRegions);
    line.nrRegions = cursor.takeUint32();
    cursor.skipSpaces();
    cursor.takeNumber();
    line.startLow = cursor.low;
    line.startHigh = cursor.high;
    cursor.takeByte(DASH);
    cursor.takeNumber();
    line.endLow = cursor.low;
    line.endHigh = cursor.high;
    cursor.takeByte(COLON);
    this.#parseCounts(line);
  }

  #parseCounts(line: TraceLine): void {
    const cursor = this.#cursor;
    cursor.skipSpaces();
    line.age = -1;
    line.isFake = cursor.at >= 0 && cursor.bytes[cursor.at] === DASH;
    if (line.isFake) return;
    line.nrAccesses = cursor.takeUint32();
    cursor.skipSpaces();
    if (cursor.at < 0 || cursor.at >= cursor.end || cursor.startsWith(KEYS.none)) return;
    line.age = cursor.takeUint32();
    if (line.event !== 'region_aggregated') return;
    cursor.take(KEYS.probes);
    this.#parseProbeHits(line);
  }

  /** Bytes in hexadecimal with spaces between. */
  #parseProbeHits(line: TraceLine): void {
    const cursor = this.#cursor;
    line.probeHits.length = 0;
    if (cursor.at < 0) return;
    const text = Buffer.from(cursor.bytes.subarray(cursor.at, cursor.end)).toString('latin1');
    for (const word of text.split(' ')) {
      if (word === '') continue;
      const hits = Number.parseInt(word, 16);
      if (!/^[0-9a-f]{1,2}$/.test(word) || line.probeHits.length >= 8) cursor.at = -1;
      line.probeHits.push(hits);
    }
  }
}

/** The colon before " damo…", which no field before it has. */
function findEvent(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to - 8; at += 1) {
    if (bytes[at] !== COLON || bytes[at + 1] !== SPACE) continue;
    if (bytes[at + 2] === 0x64 && bytes[at + 3] === 0x61 && bytes[at + 4] === 0x6d) return at;
  }
  return -1;
}

/** Task and time stand before the colon at `to`: "kdamond.0  185 [001] d..1 15.090524". */
function parseHead(bytes: Uint8Array, from: number, to: number, line: TraceLine): boolean {
  let dot = -1;
  let at = to - 1;
  for (; at >= from && bytes[at] !== SPACE; at -= 1) {
    const byte = bytes[at] ?? 0;
    if (byte === DOT && dot < 0) dot = at;
    else if (byte < ZERO || byte > ZERO + 9) return false;
  }
  const nrDecimals = to - dot - 1;
  if (dot < 0 || nrDecimals < 1 || nrDecimals > 9 || dot - at - 1 > 12) return false;
  line.seconds = parseDigits(bytes, at + 1, dot);
  line.nanoseconds = parseDigits(bytes, dot + 1, to) * 10 ** (9 - nrDecimals);
  if (line.seconds > MAX_SECONDS) return false;
  line.taskFrom = from;
  while (bytes[line.taskFrom] === SPACE) line.taskFrom += 1;
  line.taskTo = at;
  for (let index = line.taskFrom; index < at; index += 1) {
    if (bytes[index] === OPEN_BRACKET) {
      line.taskTo = index;
      break;
    }
  }
  return true;
}

function parseDigits(bytes: Uint8Array, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at += 1) value = value * 10 + (bytes[at] ?? 0) - ZERO;
  return value;
}
