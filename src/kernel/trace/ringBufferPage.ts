import { joinUint64Halves } from '../../base/uint64Halves.ts';
import { MAX_PROBES, ensureProbes, reserveCpuEvents } from './cpuEvents.ts';
import type { CpuEvents } from './cpuEvents.ts';
import type {
  AggregatedLayout,
  EventLayouts,
  IntervalsTuneLayout,
  ProbedLayout,
} from './eventLayout.ts';
import type { PageFormat } from './traceFormat.ts';

export interface PageLayouts {
  readonly page: PageFormat;
  readonly events: EventLayouts;
}

/** The commit word: length of the data, and whether events were lost before this page. */
const COMMIT_LENGTH_MASK = 0xf_ffff;
const MISSED_EVENTS = 0x8000_0000;
const MISSED_STORED = 0x4000_0000;
/** Beyond this a stored number of lost events is not believed. */
const MAX_STORED_LOSS = 2 ** 40;

/** Values of `type_len`; from 1 to 28 it is the length of the payload in words of 4 bytes. */
const TYPE_LONG = 0;
const TYPE_PADDING = 29;
const TYPE_TIME_EXTEND = 30;
const TYPE_TIME_STAMP = 31;

/** An absolute time stamp has 59 bits; the five above come from the time before it. */
const TIME_STAMP_MISSING = 0xf800_0000;
const TIME_STAMP_OVERFLOW = 0x0800_0000;

const UINT32_RANGE = 2 ** 32;

/** High half of an absolute time stamp, completed from the time before it. */
function completeTimeStamp(
  low: number,
  high: number,
  beforeLow: number,
  beforeHigh: number,
): number {
  const missing = (beforeHigh & TIME_STAMP_MISSING) >>> 0;
  const whole = (high | missing) >>> 0;
  const isBefore = whole < beforeHigh || (whole === beforeHigh && low < beforeLow);
  return missing !== 0 && isBefore ? (whole + TIME_STAMP_OVERFLOW) >>> 0 : whole;
}

function noteLossHere(into: CpuEvents): void {
  if (into.lossIndexes.at(-1) !== into.count) into.lossIndexes.push(into.count);
}

/** From here on the page makes no sense: counted, and a loss of unknown size at this place. */
function noteMalformed(into: CpuEvents): void {
  into.malformedPages += 1;
  into.unnumberedLosses += 1;
  noteLossHere(into);
}

/** Checks the commit word, counts what was lost before this page, gives the end of the data. */
function readCommit(view: DataView, page: PageFormat, into: CpuEvents): number {
  const commit = view.getUint32(page.commitOffset, true);
  const end = page.dataOffset + (commit & COMMIT_LENGTH_MASK);
  if ((commit & MISSED_EVENTS) !== 0) {
    noteLossHere(into);
    let stored = 0;
    if ((commit & MISSED_STORED) !== 0 && end + page.commitSize <= view.byteLength) {
      stored = view.getUint32(end, true);
      if (page.commitSize === 8) stored += view.getUint32(end + 4, true) * UINT32_RANGE;
    }
    if (stored > 0 && stored <= MAX_STORED_LOSS) into.lostEvents += stored;
    else into.unnumberedLosses += 1;
  }
  return end;
}

/** Microseconds; beyond 2^53 rounded, which no interval comes near. */
function readSampleUs(view: DataView, payload: number, layout: IntervalsTuneLayout): number {
  const at = payload + layout.sampleUs;
  const low = view.getUint32(at, true);
  return layout.sampleUsSize === 8 ? view.getUint32(at + 4, true) * UINT32_RANGE + low : low;
}

/** Appends the region whose payload begins there; its time is set already. */
function appendRegion(
  view: DataView,
  payload: number,
  layout: AggregatedLayout,
  into: CpuEvents,
): void {
  const { targetId, start, end, age } = layout;
  const { targetHalves, startHalves, endHalves } = into;
  const index = into.count;
  const low = 2 * index;
  const high = low + 1;
  into.pid[index] = view.getInt32(payload + layout.pid, true);
  targetHalves[low] = view.getUint32(payload + targetId, true);
  targetHalves[high] = view.getUint32(payload + targetId + 4, true);
  into.nrRegions[index] = view.getUint32(payload + layout.nrRegions, true);
  startHalves[low] = view.getUint32(payload + start, true);
  startHalves[high] = view.getUint32(payload + start + 4, true);
  endHalves[low] = view.getUint32(payload + end, true);
  endHalves[high] = view.getUint32(payload + end + 4, true);
  into.nrAccesses[index] = view.getUint32(payload + layout.nrAccesses, true);
  // Only kernels older than any sysfs interface tell no age.
  into.ageIntervals[index] = age === undefined ? 0 : view.getUint32(payload + age, true);
  if (into.probes !== undefined) into.probes.counts[index] = 0;
  into.count = index + 1;
}

/**
 * Adds the hits to the entry they belong to: the last one of this CPU. Where that is another one,
 * for the kernel thread has changed its CPU in between or events were lost, the region stays without.
 */
function noteProbeHits(
  view: DataView,
  payload: number,
  { probed, end }: { readonly probed: ProbedLayout; readonly end: number },
  into: CpuEvents,
): void {
  const index = into.count - 1;
  if (index < into.first) return;
  const { pid, targetHalves, startHalves } = into;
  const isOfEntry =
    pid[index] === view.getInt32(payload + probed.pid, true) &&
    targetHalves[2 * index] === view.getUint32(payload + probed.targetId, true) &&
    targetHalves[2 * index + 1] === view.getUint32(payload + probed.targetId + 4, true) &&
    startHalves[2 * index] === view.getUint32(payload + probed.start, true) &&
    startHalves[2 * index + 1] === view.getUint32(payload + probed.start + 4, true);
  if (!isOfEntry) return;
  const word = view.getUint32(payload + probed.hits, true);
  const from = payload + (word & 0xffff);
  const count = Math.min(word >>> 16, MAX_PROBES);
  if (from + count > end) return;
  const { counts, hits } = ensureProbes(into);
  counts[index] = count;
  for (let probe = 0; probe < count; probe += 1) {
    hits[MAX_PROBES * index + probe] = view.getUint8(from + probe);
  }
}

/**
 * Appends the wanted events of one page; room was made before. `end` is a multiple of 4, and so is
 * every place an event can begin at.
 *
 * @returns false when the page ended in something that is no event.
 */
function walkPage(view: DataView, end: number, layouts: PageLayouts, into: CpuEvents): boolean {
  const { page, events } = layouts;
  const { timeHalves } = into;
  let low = view.getUint32(page.timestampOffset, true);
  let high = view.getUint32(page.timestampOffset + 4, true);
  let at = page.dataOffset;

  while (at < end) {
    const header = view.getUint32(at, true);
    const type = header & 31;
    let deltaLow = header >>> 5;
    let payload = at + 4;
    let next = payload + 4 * type;
    if (type === TYPE_LONG || type >= TYPE_PADDING) {
      if (header === TYPE_PADDING) return true;
      payload = at + 8;
      if (payload > end) return false;
      const word = view.getUint32(at + 4, true);
      const isTime = type >= TYPE_TIME_EXTEND;
      if (!isTime && (word < 4 || word % 4 !== 0)) return false;
      next = isTime ? payload : at + 4 + word;
      if (type === TYPE_TIME_STAMP) {
        const absolute = ((word << 27) | deltaLow) >>> 0;
        high = completeTimeStamp(absolute, word >>> 5, low, high);
        low = absolute;
        deltaLow = 0;
      } else if (isTime) {
        deltaLow = ((word << 27) | deltaLow) >>> 0;
        high = (high + (word >>> 5)) >>> 0;
      } else if (type === TYPE_PADDING && deltaLow === 1) {
        // The kernel writes 1 where the true delta was 0, since 0 would end the page.
        deltaLow = 0;
      }
    }
    if (next > end) return false;
    low += deltaLow;
    if (low >= UINT32_RANGE) {
      low -= UINT32_RANGE;
      high = (high + 1) >>> 0;
    }
    at = next;
    if (type >= TYPE_PADDING || next - payload < 2) continue;
    const id = view.getUint16(payload, true);
    if (id === events.aggregated.id && next - payload >= events.aggregated.size) {
      timeHalves[2 * into.count] = low;
      timeHalves[2 * into.count + 1] = high;
      appendRegion(view, payload, events.aggregated, into);
    } else if (id === events.intervalsTune?.id && next - payload >= events.intervalsTune.size) {
      into.tunedIntervals.push({
        kdamondPid: view.getInt32(payload + events.intervalsTune.pid, true),
        timeNs: joinUint64Halves(high, low),
        sampleIntervalUs: readSampleUs(view, payload, events.intervalsTune),
      });
    } else if (id === events.probed?.id && next - payload >= events.probed.size) {
      noteProbeHits(view, payload, { probed: events.probed, end: next }, into);
    }
  }
  return true;
}

/** Parses one raw sub-buffer as `trace_pipe_raw` gives it, of any size, and appends its events. */
export type PageParser = (view: DataView, into: CpuEvents) => void;

/**
 * A parser for the pages of one trace instance. Nothing is allocated per region. Whatever the bytes
 * are, it ends, stays within them and does not throw: where they stop making sense the rest of the
 * page counts as malformed and as a loss of unknown size. Unknown events are skipped.
 *
 * Source: struct ring_buffer_event in include/linux/ring_buffer.h; ring_buffer_read_page() and
 * rb_fix_abs_ts() in kernel/trace/ring_buffer.c.
 */
export function createPageParser(layouts: PageLayouts): PageParser {
  const { page, events } = layouts;
  return (view, into) => {
    if (view.byteLength < page.dataOffset) {
      noteMalformed(into);
      return;
    }
    const committedEnd = readCommit(view, page, into);
    const end = Math.min(committedEnd, view.byteLength) & ~3;
    reserveCpuEvents(into, Math.floor((end - page.dataOffset) / (events.aggregated.size + 4)));
    const isWhole = walkPage(view, end, layouts, into) && end === committedEnd;
    if (!isWhole) noteMalformed(into);
  };
}
