import { ByteWindow } from '../../base/byteWindow.ts';
import { createFixedText, isFixedAt } from '../../base/fixedText.ts';
import type { FixedText } from '../../base/fixedText.ts';
import { JsonScanner } from '../../base/jsonScanner.ts';
import { MAX_PROBES } from '../regionScratch.ts';

/**
 * One writer lays every region out alike. So the text of a region that was understood is the
 * template for the next: fixed bytes between slots for numbers. Comparing bytes is ten times as fast
 * as tokenizing, and whatever does not fit goes the slow way, which teaches the next template.
 */
export interface RegionTemplate {
  /** Fixed text before each slot, then one more to the end of the region. */
  readonly fixed: readonly FixedText[];
  readonly slots: readonly Slot[];
  /** Quoted counts have commas between the digits. */
  readonly isQuoted: readonly boolean[];
  /** No region that fits is longer. */
  readonly maxBytes: number;
}

type Slot = 'start' | 'end' | 'samples' | 'age' | 'filterPassed' | 'text' | 'number' | 'probe';

const MAX_SLOT_BYTES = 40;
const MAX_FIXED_BYTES = 4096;
const COUNT_PATTERN = /^\d[\d,]*$/;

const SLOT_OF_KEY: ReadonlyMap<string, Slot> = new Map([
  ['start', 'start'],
  ['end', 'end'],
  ['nr_accesses.samples', 'samples'],
  ['nr_accesses.percent', 'number'],
  ['age.usec', 'text'],
  ['age.aggr_intervals', 'age'],
  ['sz_filter_passed', 'filterPassed'],
]);

interface FoundSlot {
  readonly slot: Slot;
  readonly isQuoted: boolean;
  readonly from: number;
  readonly to: number;
}

/**
 * Makes a template from the text of one region.
 *
 * @returns undefined when it is nothing to expect again (its numbers are not plain counts).
 */
export function learnRegionTemplate(text: Uint8Array): RegionTemplate | undefined {
  if (text.length > MAX_FIXED_BYTES) return undefined;
  const found = findSlots(text);
  const names = found.map(({ slot }) => slot);
  const nrProbes = names.filter((name) => name === 'probe').length;
  for (const once of ['start', 'end', 'samples'] as const) {
    if (names.filter((name) => name === once).length !== 1) return undefined;
  }
  if (nrProbes > MAX_PROBES) return undefined;
  const borders = [0, ...found.flatMap(({ from, to }) => [from, to]), text.length];
  const fixed: FixedText[] = [];
  for (let at = 0; at < borders.length; at += 2) {
    fixed.push(createFixedText(text.subarray(borders[at], borders[at + 1])));
  }
  return {
    fixed,
    slots: names,
    isQuoted: found.map(({ isQuoted }) => isQuoted),
    maxBytes: text.length + found.length * MAX_SLOT_BYTES,
  };
}

function findSlots(text: Uint8Array): readonly FoundSlot[] {
  const window = new ByteWindow(text.length);
  window.append(text);
  window.isFinal = true;
  const scanner = new JsonScanner(window);
  const keys: string[] = [];
  const found: FoundSlot[] = [];
  for (let token = scanner.next(); token !== 'end'; token = scanner.next()) {
    if (token === '}') keys.length = Math.max(0, scanner.depth - 1);
    if (token === 'key') {
      keys.length = scanner.depth - 1;
      keys.push(scanner.text);
    }
    if (token !== 'string' && token !== 'number') continue;
    const from = scanner.tokenStart;
    const to = from + scanner.text.length;
    const slot = chooseSlot(keys, { token, text: scanner.text, depth: scanner.depth });
    if (slot !== undefined && to - from <= MAX_SLOT_BYTES) {
      found.push({ slot, isQuoted: token === 'string', from, to });
    }
  }
  return found;
}

function chooseSlot(
  keys: readonly string[],
  value: { readonly token: string; readonly text: string; readonly depth: number },
): Slot | undefined {
  const path = keys.join('.');
  if (path === 'probe_hits') {
    return value.depth === 2 && value.token === 'number' && /^\d+$/.test(value.text)
      ? 'probe'
      : undefined;
  }
  const slot = value.depth === keys.length ? SLOT_OF_KEY.get(path) : undefined;
  if (slot === undefined) return undefined;
  const isText = slot === 'text' || slot === 'filterPassed';
  if (isText) return value.token === 'string' ? slot : undefined;
  // No count: with a sign, a fraction, an exponent or a unit.
  return COUNT_PATTERN.test(value.text) ? slot : undefined;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
/** 15 digits are exact in a double whatever they are. */
const MAX_DIGITS = 15;
/** After the first. */
const MAX_GROUPS = 4;

/** Where values of one region land before all of it is known to fit. */
export interface SlotValues {
  readonly numbers: Float64Array;
  readonly texts: string[];
  /** The count read last. */
  count: number;
  /** Behind the region. */
  next: number;
}

export function createSlotValues(): SlotValues {
  return { numbers: new Float64Array(16), texts: [], count: 0, next: 0 };
}

/** Reads digits into `values.count`; gives the index behind them, or -1: the slow way decides. */
function readCount(bytes: Uint8Array, from: number, isQuoted: boolean, values: SlotValues): number {
  const limit = from + MAX_SLOT_BYTES;
  let value = 0;
  let digits = 0;
  let at = from;
  for (; at < limit; at += 1) {
    const byte = bytes[at] ?? 0;
    const digit = byte - 0x30;
    if (digit >= 0 && digit <= 9) {
      value = value * 10 + digit;
      digits += 1;
    } else if (byte !== COMMA || !isQuoted || digits === 0) break;
  }
  // JSON has no numbers with a leading zero.
  if (digits === 0 || digits > MAX_DIGITS || (digits > 1 && bytes[from] === 0x30)) return -1;
  values.count = value;
  return at;
}

/** The same for a count as damo quotes it, a comma before each three digits; -1: it may be another. */
function readGroups(view: DataView, from: number, values: SlotValues): number {
  let at = from;
  let value = 0;
  for (let leading = 0; leading < 3; leading += 1) {
    const digit = view.getUint8(at) - 0x30;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    at += 1;
  }
  // No digits, or a zero that leads.
  if (value === 0 || view.getUint8(from) === 0x30) return -1;
  for (let group = 0; group < MAX_GROUPS; group += 1) {
    const word = view.getInt32(at, true);
    if ((word & 0xff) !== COMMA) break;
    const digits = word >>> 8;
    // Half bytes of digits are 3 and 0 to 9: adding 6 carries where it is more.
    if ((digits & 0xf0f0f0) !== 0x303030 || ((digits + 0x060606) & 0xf0f0f0) !== 0x303030)
      return -1;
    const units = (digits >>> 16) & 15;
    value = value * 1000 + (digits & 15) * 100 + ((digits >>> 8) & 15) * 10 + units;
    at += 4;
  }
  values.count = value;
  return view.getUint8(at) === QUOTE ? at : -1;
}

function readText(bytes: Uint8Array, from: number): number {
  const limit = from + MAX_SLOT_BYTES;
  for (let at = from; at < limit; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE) return at;
    if (byte < 0x20 || byte > 0x7e || byte === BACKSLASH) return -1;
  }
  return -1;
}

/**
 * Reads the region at `from`, of which at least `maxBytes` are in the window.
 *
 * @returns false when it does not fit the template; nothing was read then.
 */
export function matchRegion(
  template: RegionTemplate,
  window: ByteWindow,
  from: number,
  values: SlotValues,
): boolean {
  const { fixed, slots, isQuoted } = template;
  const { bytes, view } = window;
  let at = from;
  for (let index = 0; index < slots.length; index += 1) {
    const text = fixed[index];
    if (text === undefined || !isFixedAt(view, at, text)) return false;
    at += text.bytes.length;
    const slot = slots[index];
    if (slot === 'text' || slot === 'filterPassed') {
      const next = readText(bytes, at);
      if (next < 0) return false;
      if (slot === 'filterPassed') values.texts[index] = readLatin1(bytes, at, next);
      at = next;
    } else {
      const isText = isQuoted[index] === true;
      let next = isText ? readGroups(view, at, values) : -1;
      if (next < 0) next = readCount(bytes, at, isText, values);
      if (next < 0) return false;
      at = next;
      values.numbers[index] = values.count;
    }
  }
  const tail = fixed[slots.length];
  if (tail === undefined || !isFixedAt(view, at, tail)) return false;
  values.next = at + tail.bytes.length;
  return true;
}

/** Nearly always "0 B", for which no string is made. */
function readLatin1(bytes: Uint8Array, from: number, to: number): string {
  if (to - from === 3 && bytes[from] === 0x30 && bytes[from + 2] === 0x42) return '0 B';
  return String.fromCharCode(...bytes.subarray(from, to));
}
