/** One `damon_aggregated` event, field by field. */
export interface RegionEvent {
  readonly timeNs: bigint;
  readonly pid: number;
  readonly targetId: bigint;
  readonly nrRegions: number;
  readonly start: bigint;
  readonly end: bigint;
  readonly nrAccesses: number;
  readonly age: number;
}

/** What may stand in a ring buffer; anything but regions is there to be got over. */
export type PageItem =
  | ({ readonly kind: 'region'; readonly isLong?: boolean } & RegionEvent)
  | {
      readonly kind: 'tune';
      readonly timeNs: bigint;
      readonly pid: number;
      readonly sampleUs: bigint;
    }
  | ({ readonly kind: 'probed'; readonly hits: readonly number[] } & RegionEvent)
  | { readonly kind: 'unknown'; readonly timeNs: bigint; readonly payloadBytes: number }
  | { readonly kind: 'discarded'; readonly timeNs: bigint; readonly payloadBytes: number }
  | { readonly kind: 'absolute'; readonly timeNs: bigint }
  | { readonly kind: 'newPage' };

export interface EncodeOptions {
  readonly pageBytes?: number;
  /** Events lost before the first page: flagged, with the number if it is given. */
  readonly lost?: number | 'unknown';
}

/** The ids of the formats below. */
export const AGGREGATED_ID = 743;
const PROBED_ID = 744;
const TUNE_ID = 745;
const UNKNOWN_ID = 7;
const HEAD_BYTES = 16;
const MAX_DELTA = 2n ** 27n;

function formatText(name: string, id: number, fields: readonly string[]): string {
  const common = [
    'unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;',
    'unsigned char common_flags;\toffset:2;\tsize:1;\tsigned:0;',
    'unsigned char common_preempt_count;\toffset:3;\tsize:1;\tsigned:0;',
    'int common_pid;\toffset:4;\tsize:4;\tsigned:1;',
  ];
  const lines = [...common.map((f) => `\tfield:${f}`), '', ...fields.map((f) => `\tfield:${f}`)];
  return `name: ${name}\nID: ${id}\nformat:\n${lines.join('\n')}\n\nprint fmt: "x"\n`;
}

export const AGGREGATED_FORMAT: string = formatText('damon_aggregated', AGGREGATED_ID, [
  'unsigned long target_id;\toffset:8;\tsize:8;\tsigned:0;',
  'unsigned int nr_regions;\toffset:16;\tsize:4;\tsigned:0;',
  'unsigned long start;\toffset:24;\tsize:8;\tsigned:0;',
  'unsigned long end;\toffset:32;\tsize:8;\tsigned:0;',
  'unsigned int nr_accesses;\toffset:40;\tsize:4;\tsigned:0;',
  'unsigned int age;\toffset:44;\tsize:4;\tsigned:0;',
]);

export const PROBED_FORMAT: string = formatText('damon_region_aggregated', PROBED_ID, [
  'unsigned long target_id;\toffset:8;\tsize:8;\tsigned:0;',
  'unsigned long start;\toffset:16;\tsize:8;\tsigned:0;',
  'unsigned long end;\toffset:24;\tsize:8;\tsigned:0;',
  'unsigned int nr_regions;\toffset:32;\tsize:4;\tsigned:0;',
  'unsigned int nr_accesses;\toffset:36;\tsize:4;\tsigned:0;',
  'unsigned int age;\toffset:40;\tsize:4;\tsigned:0;',
  '__data_loc unsigned char[] probe_hits;\toffset:44;\tsize:4;\tsigned:0;',
]);

export const TUNE_FORMAT: string = formatText('damon_monitor_intervals_tune', TUNE_ID, [
  'unsigned long sample_us;\toffset:8;\tsize:8;\tsigned:0;',
]);

export function pageFormatText(pageBytes = 4096): string {
  return [
    '\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;',
    '\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;',
    '\tfield: int overwrite;\toffset:8;\tsize:1;\tsigned:1;',
    `\tfield: char data;\toffset:16;\tsize:${pageBytes - HEAD_BYTES};\tsigned:1;`,
    '',
  ].join('\n');
}

function encodeProbed(item: PageItem & { readonly kind: 'probed' }): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((48 + item.hits.length) / 4) * 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, PROBED_ID, true);
  view.setInt32(4, item.pid, true);
  view.setBigUint64(8, item.targetId, true);
  view.setBigUint64(16, item.start, true);
  view.setBigUint64(24, item.end, true);
  view.setUint32(32, item.nrRegions, true);
  view.setUint32(36, item.nrAccesses, true);
  view.setUint32(40, item.age, true);
  view.setUint32(44, (item.hits.length << 16) | 48, true);
  bytes.set(item.hits, 48);
  return bytes;
}

function encodePayload(item: PageItem): Uint8Array {
  if (item.kind === 'probed') return encodeProbed(item);
  if (item.kind === 'unknown' || item.kind === 'discarded') {
    const bytes = new Uint8Array(item.payloadBytes);
    new DataView(bytes.buffer).setUint16(0, UNKNOWN_ID, true);
    return bytes;
  }
  const view = new DataView(new ArrayBuffer(item.kind === 'region' ? 48 : 16));
  if (item.kind === 'region') {
    view.setUint16(0, AGGREGATED_ID, true);
    view.setInt32(4, item.pid, true);
    view.setBigUint64(8, item.targetId, true);
    view.setUint32(16, item.nrRegions, true);
    view.setBigUint64(24, item.start, true);
    view.setBigUint64(32, item.end, true);
    view.setUint32(40, item.nrAccesses, true);
    view.setUint32(44, item.age, true);
  } else if (item.kind === 'tune') {
    view.setUint16(0, TUNE_ID, true);
    view.setInt32(4, item.pid, true);
    view.setBigUint64(8, item.sampleUs, true);
  }
  return new Uint8Array(view.buffer);
}

function encodeWords(...words: readonly number[]): Uint8Array {
  return new Uint8Array(new Uint32Array(words).buffer);
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Time extend (30) or absolute time stamp (31). */
function encodeTime(type: 30 | 31, value: bigint): Uint8Array {
  const low = Number(value & (MAX_DELTA - 1n));
  return encodeWords(((low << 5) | type) >>> 0, Number((value >> 27n) & 0xffff_ffffn));
}

function encodeEvent(item: PageItem, deltaNs: bigint): Uint8Array {
  if (item.kind === 'absolute') return encodeTime(31, item.timeNs);
  const extend = deltaNs >= MAX_DELTA ? encodeTime(30, deltaNs) : new Uint8Array(0);
  const delta = deltaNs >= MAX_DELTA ? 0 : Number(deltaNs);
  const payload = encodePayload(item);
  if (item.kind === 'discarded') {
    // What the kernel leaves of an event that was taken back: padding with a length of its own.
    const head = encodeWords((((delta === 0 ? 1 : delta) << 5) | 29) >>> 0);
    const filler = payload.slice(4);
    return join(extend, head, encodeWords(payload.length), filler);
  }
  const isLong = payload.length > 112 || (item.kind === 'region' && item.isLong === true);
  const head = (delta << 5) | (isLong ? 0 : payload.length / 4);
  const length = isLong ? encodeWords(payload.length + 4) : new Uint8Array(0);
  return join(extend, encodeWords(head >>> 0), length, payload);
}

function closePage(page: Uint8Array, end: number, lost: EncodeOptions['lost']): Uint8Array {
  const view = new DataView(page.buffer);
  let commit = BigInt(end - HEAD_BYTES);
  if (lost !== undefined) commit |= 0xffff_ffff_8000_0000n;
  if (typeof lost === 'number' && end + 8 <= page.length) {
    commit |= 0x4000_0000n;
    view.setBigUint64(end, BigInt(lost), true);
  } else if (end + 4 <= page.length) {
    // A padding event with delta 0: nothing more on this page.
    view.setUint32(end, 29, true);
  }
  view.setBigUint64(8, commit, true);
  return page;
}

/** Items of one CPU, ascending in time, as the raw pages a kernel would give for them. */
export function encodePages(items: readonly PageItem[], options: EncodeOptions = {}): Uint8Array[] {
  const { pageBytes = 4096, lost } = options;
  const pages: Uint8Array[] = [];
  let page: Uint8Array | undefined;
  let end = 0;
  let timeNs = 0n;
  const finish = (): void => {
    if (page !== undefined) pages.push(closePage(page, end, pages.length === 0 ? lost : undefined));
    page = undefined;
  };
  for (const item of items) {
    if (item.kind === 'newPage') {
      finish();
      continue;
    }
    let event = encodeEvent(item, item.timeNs - timeNs);
    if (page === undefined || end + event.length > pageBytes) {
      finish();
      page = new Uint8Array(pageBytes);
      new DataView(page.buffer).setBigUint64(0, item.timeNs, true);
      end = HEAD_BYTES;
      event = encodeEvent(item, 0n);
    }
    page.set(event, end);
    end += event.length;
    timeNs = item.timeNs;
  }
  finish();
  return pages;
}
