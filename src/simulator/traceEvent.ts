/** One field of an event as its `format` file shows it. */
interface TraceField {
  readonly type: string;
  readonly name: string;
  readonly sizeBytes: 1 | 2 | 4 | 8;
  readonly isSigned?: boolean;
}

interface EventLayout {
  readonly name: string;
  readonly fields: readonly TraceField[];
  /** How `trace_pipe` prints it. */
  readonly print: string;
}

export interface PlacedField extends TraceField {
  readonly offset: number;
}

/** An event of one kernel: with its id there and the place of each field. */
export interface TraceEvent {
  readonly name: string;
  readonly id: number;
  readonly fields: readonly PlacedField[];
  /** Bytes of the fixed part; what has no fixed size follows it. */
  readonly fixedBytes: number;
  readonly print: string;
}

const ulong = (name: string): TraceField => ({ type: 'unsigned long', name, sizeBytes: 8 });
const uint = (name: string): TraceField => ({ type: 'unsigned int', name, sizeBytes: 4 });

const COMMON_FIELDS: readonly TraceField[] = [
  { type: 'unsigned short', name: 'common_type', sizeBytes: 2 },
  { type: 'unsigned char', name: 'common_flags', sizeBytes: 1 },
  { type: 'unsigned char', name: 'common_preempt_count', sizeBytes: 1 },
  { type: 'int', name: 'common_pid', sizeBytes: 4, isSigned: true },
];

/**
 * The events of DAMON in the order the kernel numbers them.
 *
 * Source: `events/damon/<event>/format` of Linux 6.12 and 7.2.
 */
const LAYOUTS: readonly EventLayout[] = [
  {
    name: 'damon_aggregated',
    fields: [
      ulong('target_id'),
      uint('nr_regions'),
      ulong('start'),
      ulong('end'),
      uint('nr_accesses'),
      uint('age'),
    ],
    print:
      '"target_id=%lu nr_regions=%u %lu-%lu: %u %u", REC->target_id, REC->nr_regions, REC->start, REC->end, REC->nr_accesses, REC->age',
  },
  {
    name: 'damon_region_aggregated',
    fields: [
      ulong('target_id'),
      ulong('start'),
      ulong('end'),
      uint('nr_regions'),
      uint('nr_accesses'),
      uint('age'),
      { type: '__data_loc unsigned char[]', name: 'probe_hits', sizeBytes: 4 },
    ],
    print:
      '"target_id=%lu nr_regions=%u %lu-%lu: %u %u probe_hits=%s", REC->target_id, REC->nr_regions, REC->start, REC->end, REC->nr_accesses, REC->age, __print_hex(__get_dynamic_array(probe_hits), __get_dynamic_array_len(probe_hits))',
  },
  {
    name: 'damon_monitor_intervals_tune',
    fields: [ulong('sample_us')],
    print: '"sample_us=%lu", REC->sample_us',
  },
  {
    name: 'damos_before_apply',
    fields: [
      uint('context_idx'),
      uint('scheme_idx'),
      ulong('target_idx'),
      ulong('start'),
      ulong('end'),
      uint('nr_accesses'),
      uint('age'),
      uint('nr_regions'),
    ],
    print:
      '"ctx_idx=%u scheme_idx=%u target_idx=%lu nr_regions=%u %lu-%lu: %u %u", REC->context_idx, REC->scheme_idx, REC->target_idx, REC->nr_regions, REC->start, REC->end, REC->nr_accesses, REC->age',
  },
  {
    name: 'damos_esz',
    fields: [uint('context_idx'), uint('scheme_idx'), ulong('esz')],
    print: '"ctx_idx=%u scheme_idx=%u esz=%lu", REC->context_idx, REC->scheme_idx, REC->esz',
  },
  {
    name: 'damos_stat_after_apply_interval',
    fields: [
      uint('context_idx'),
      uint('scheme_idx'),
      ulong('nr_tried'),
      ulong('sz_tried'),
      ulong('nr_applied'),
      ulong('sz_applied'),
      ulong('sz_ops_filter_passed'),
      ulong('qt_exceeds'),
      ulong('nr_snapshots'),
    ],
    print:
      '"ctx_idx=%u scheme_idx=%u nr_tried=%lu sz_tried=%lu nr_applied=%lu sz_applied=%lu sz_ops_filter_passed=%lu qt_exceeds=%lu nr_snapshots=%lu", REC->context_idx, REC->scheme_idx, REC->nr_tried, REC->sz_tried, REC->nr_applied, REC->sz_applied, REC->sz_ops_filter_passed, REC->qt_exceeds, REC->nr_snapshots',
  },
];

function placeFields(fields: readonly TraceField[]): PlacedField[] {
  let offset = 0;
  return fields.map((field) => {
    const aligned = Math.ceil(offset / field.sizeBytes) * field.sizeBytes;
    offset = aligned + field.sizeBytes;
    return { ...field, offset: aligned };
  });
}

/** The events this kernel has, numbered from the given id on. */
export function createTraceEvents(names: readonly string[], firstId: number): TraceEvent[] {
  return LAYOUTS.filter(({ name }) => names.includes(name)).map(
    ({ name, fields, print }, index) => {
      const placed = placeFields([...COMMON_FIELDS, ...fields]);
      const last = placed.at(-1);
      const fixedBytes = last === undefined ? 0 : last.offset + last.sizeBytes;
      return { name, id: firstId + index, fields: placed, fixedBytes, print };
    },
  );
}

/** The text of the `format` file. */
export function formatTraceEvent(event: TraceEvent): string {
  const lines = event.fields.map(
    ({ type, name, offset, sizeBytes, isSigned }) =>
      `\tfield:${type} ${name};\toffset:${offset};\tsize:${sizeBytes};\tsigned:${isSigned === true ? 1 : 0};`,
  );
  const common = lines.slice(0, COMMON_FIELDS.length).join('\n');
  const own = lines.slice(COMMON_FIELDS.length).join('\n');
  return `name: ${event.name}\nID: ${event.id}\nformat:\n${common}\n\n${own}\n\nprint fmt: ${event.print}\n`;
}

/**
 * One event as bytes. Values follow the event's own fields; numbers up to 2^53, larger ones as
 * bigint. `dynamic` is the content of a `__data_loc` field.
 */
export function encodeTraceEvent(
  event: TraceEvent,
  pid: number,
  values: readonly (number | bigint)[],
  dynamic: readonly number[] = [],
): Uint8Array {
  const bytes = new Uint8Array(event.fixedBytes + dynamic.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, event.id, true);
  view.setInt32(4, pid, true);
  for (let i = COMMON_FIELDS.length; i < event.fields.length; i++) {
    const field = event.fields[i];
    const value = values[i - COMMON_FIELDS.length] ?? 0;
    if (field === undefined) continue;
    if (field.type.startsWith('__data_loc')) {
      view.setUint32(field.offset, (dynamic.length << 16) | event.fixedBytes, true);
      bytes.set(dynamic, event.fixedBytes);
    } else if (typeof value === 'bigint') {
      view.setBigUint64(field.offset, BigInt.asUintN(64, value), true);
    } else {
      view.setUint32(field.offset, value % 2 ** 32, true);
      if (field.sizeBytes === 8) {
        view.setUint32(field.offset + 4, Math.floor(value / 2 ** 32), true);
      }
    }
  }
  return bytes;
}
