/** What files people take for records begin with, what they are, and what makes a record of them. */
const KNOWN: readonly (readonly [magic: string, what: string, todo?: string])[] = [
  ['PERFILE2', 'it is a perf.data file', 'perf script --ns -i FILE > FILE.txt'],
  ['\x17\x08\x44tracing', 'it is a trace-cmd file', 'trace-cmd report -i FILE > FILE.txt'],
  ['\x28\xb5\x2f\xfd', 'it is compressed by zstd', 'zstd -dc FILE > FILE.plain'],
  ['\xfd7zXZ\0', 'it is compressed by xz', 'xz -dc FILE > FILE.plain'],
  ['BZh', 'it is compressed by bzip2', 'bzip2 -dc FILE > FILE.plain'],
  ['\x04\x22\x4d\x18', 'it is compressed by lz4', 'lz4 -dc FILE > FILE.plain'],
  ['\x1f\x8b', 'it is compressed by gzip twice', 'gzip -dc FILE > FILE.plain'],
  ['PK\x03\x04', 'it looks like a zip archive'],
  ['\x7fELF', 'it looks like a program'],
  ['\x89PNG', 'it looks like a PNG picture'],
  ['\xff\xd8\xff', 'it looks like a JPEG picture'],
  ['%PDF', 'it looks like a PDF document'],
  ['SQLite format 3\0', 'it looks like an SQLite database'],
];

const MAX_SHOWN = 60;

function isText(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte >= 0x20 || (byte >= 0x09 && byte <= 0x0d));
}

/** A name as a word of a command that can be pasted. */
export function quoteForShell(name: string): string {
  const isPlain = /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(name);
  return isPlain ? name : `'${name.replaceAll("'", "'\\''")}'`;
}

/** One clause about a file that is no record: "it is a perf.data file; …". */
export function describeContent(path: string, head: Uint8Array): string {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1');
  const known = KNOWN.find(([magic]) => text.startsWith(magic));
  if (known !== undefined) {
    const [, what, todo] = known;
    if (todo === undefined) return what;
    const command = todo.replaceAll(/FILE\S*/g, (name) =>
      quoteForShell(name.replace('FILE', () => path)),
    );
    return `${what}; convert it by: ${command}`;
  }
  if (head.length === 0) return 'it holds nothing once uncompressed';
  if (head.every((byte) => byte === 0)) return 'it holds nothing but zeroes';
  if (!isText(head)) {
    const bytes = [...head.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0'));
    return `it holds unknown binary data beginning with ${bytes.join(' ')}`;
  }
  const first =
    new TextDecoder()
      .decode(head)
      .trimStart()
      .split(/[\r\n]/, 1)[0] ?? '';
  if (/^<(?:!doctype|html)/i.test(first)) return 'it looks like a web page';
  return `it looks like text, beginning ${JSON.stringify(first.slice(0, MAX_SHOWN))}`;
}
