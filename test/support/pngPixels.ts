import { inflateSync } from 'node:zlib';

export interface IndexedPng {
  readonly width: number;
  readonly height: number;
  /** Rows from the top, one byte per pixel. */
  readonly indexes: Uint8Array;
}

/** Reads an unfiltered PNG with a palette. */
export function readIndexedPng(file: Buffer): IndexedPng {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < file.length;) {
    const length = file.readUInt32BE(at);
    chunks.set(file.toString('latin1', at + 4, at + 8), file.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const header = chunks.get('IHDR')!;
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rows = inflateSync(chunks.get('IDAT')!);
  const indexes = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    if (rows[row * (width + 1)] !== 0) throw new Error(`row ${row} is filtered`);
    indexes.set(rows.subarray(row * (width + 1) + 1, (row + 1) * (width + 1)), row * width);
  }
  return { width, height, indexes };
}

/** Images as text: what a deflate implementation makes of the same pixels is not the same everywhere. */
export function spellOutImages(svg: string): string {
  return svg.replace(/data:image\/png;base64,([A-Za-z0-9+/=]+)/g, (_, base64: string) => {
    const { width, height, indexes } = readIndexedPng(Buffer.from(base64, 'base64'));
    const rows = Array.from({ length: height }, (_row, row) =>
      Buffer.from(indexes.subarray(row * width, (row + 1) * width)).toString('hex'),
    );
    return `${width}x${height} ${rows.join(' ')}`;
  });
}
