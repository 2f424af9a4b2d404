import { KernelError } from '../../base/errors.ts';

/** Where one field of a trace event lies in its payload, in bytes. */
export interface FormatField {
  readonly offset: number;
  readonly size: number;
  readonly isSigned: boolean;
}

/** The layout of one event as this kernel tells it; it differs between kernels. */
export interface EventFormat {
  readonly name: string;
  /** What `common_type` of the event holds. Given out at boot: not the same on the next one. */
  readonly id: number;
  readonly fields: ReadonlyMap<string, FormatField>;
}

/** The head of a raw ring-buffer page, in bytes. */
export interface PageFormat {
  readonly timestampOffset: number;
  readonly commitOffset: number;
  /** Of `unsigned long` in this kernel, which is also the size of a stored count of lost events. */
  readonly commitSize: number;
  readonly dataOffset: number;
  /** How much a page can hold behind its head. */
  readonly dataSize: number;
}

const FIELD_LINE =
  /^\tfield: ?(?<declaration>[^;]+);\toffset:(?<offset>\d{1,9});\tsize:(?<size>\d{1,9});(?:\tsigned:(?<signed>[01]);)?$/;
const DECLARED_NAME = /(?<name>[A-Za-z_]\w*)(?:\[[^\]]*\])?$/;

function formatError(path: string, hint: string): KernelError {
  return new KernelError({ operation: 'understand', path, hint });
}

function parseFields(text: string, path: string): Map<string, FormatField> {
  const fields = new Map<string, FormatField>();
  for (const line of text.split('\n')) {
    if (!line.trimStart().startsWith('field:')) continue;
    const groups = FIELD_LINE.exec(line)?.groups;
    const name = DECLARED_NAME.exec(groups?.['declaration']?.trim() ?? '')?.groups?.['name'];
    if (groups === undefined || name === undefined) {
      throw formatError(
        path,
        `found "${line.trim()}", expected "field:TYPE NAME; offset:N; size:N; signed:N;"`,
      );
    }
    if (fields.has(name)) throw formatError(path, `the field ${name} is described twice`);
    fields.set(name, {
      offset: Number(groups['offset']),
      size: Number(groups['size']),
      isSigned: groups['signed'] === '1',
    });
  }
  return fields;
}

/**
 * Files: `events/<system>/<event>/format` in tracefs.
 *
 * @throws KernelError when the text has no name, no ID or a line that is no field.
 */
export function parseEventFormat(text: string, path: string): EventFormat {
  const name = /^name: (\S+)$/m.exec(text)?.[1];
  const id = /^ID: (\d{1,5})$/m.exec(text)?.[1];
  if (name === undefined) throw formatError(path, 'found no line "name: EVENT"');
  if (id === undefined || Number(id) > 0xffff) {
    throw formatError(path, 'found no line "ID: NUMBER" with a number of at most 65535');
  }
  return { name, id: Number(id), fields: parseFields(text, path) };
}

/**
 * A field that must be there with exactly this size.
 *
 * @throws KernelError when it is absent or of another size.
 */
export function requireField(
  format: { readonly fields: ReadonlyMap<string, FormatField> },
  name: string,
  size: number,
  path: string,
): FormatField {
  const field = format.fields.get(name);
  if (field === undefined) {
    const found = [...format.fields.keys()].join(', ');
    throw formatError(path, `the field ${name} is missing; found: ${found || 'no field at all'}`);
  }
  if (field.size !== size) {
    throw formatError(path, `the field ${name} has ${field.size} bytes, expected ${size}`);
  }
  return field;
}

/**
 * Files: `events/header_page` in tracefs.
 *
 * @throws KernelError when the time stamp, the commit word or the data are missing or overlap.
 */
export function parsePageFormat(text: string, path: string): PageFormat {
  const fields = parseFields(text, path);
  const timestamp = requireField({ fields }, 'timestamp', 8, path);
  const commit = fields.get('commit');
  const data = fields.get('data');
  if (commit === undefined || (commit.size !== 8 && commit.size !== 4)) {
    throw formatError(path, 'the field commit is missing or not of 4 or 8 bytes');
  }
  if (data === undefined || data.size === 0) throw formatError(path, 'the field data is missing');
  const headEnd = Math.max(timestamp.offset + 8, commit.offset + commit.size);
  if (data.offset < headEnd || data.offset % 4 !== 0 || data.offset + data.size > 1 << 24) {
    throw formatError(
      path,
      `data lie at ${data.offset} with ${data.size} bytes, expected them behind the head of ${headEnd} bytes`,
    );
  }
  return {
    timestampOffset: timestamp.offset,
    commitOffset: commit.offset,
    commitSize: commit.size,
    dataOffset: data.offset,
    dataSize: data.size,
  };
}
