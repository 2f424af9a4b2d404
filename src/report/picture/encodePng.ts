import { crc32, deflateSync } from 'node:zlib';
import { computePalette } from '../chart/colorMap.ts';
import type { Raster } from '../chart/raster.ts';

const SIGNATURE = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

function encodeChunk(type: string, data: Uint8Array): Buffer {
  const chunk = Buffer.alloc(data.length + 12);
  chunk.writeUInt32BE(data.length, 0);
  chunk.write(type, 4, 'latin1');
  chunk.set(data, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, data.length + 8)), data.length + 8);
  return chunk;
}

function encodeHeader({ width, height }: Raster): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // 8 bits per pixel, colours from a palette, default compression and filter, not interlaced.
  header.set([8, 3, 0, 0, 0], 8);
  return header;
}

/** One byte per cell and 256 colours: a tenth of what true colour takes. */
export function encodePng(raster: Raster): Buffer {
  const { width, height, levels } = raster;
  const rows = Buffer.alloc((width + 1) * height);
  for (let row = 0; row < height; row += 1) {
    rows.set(levels.subarray(row * width, (row + 1) * width), row * (width + 1) + 1);
  }
  const palette = computePalette();
  const colors = palette.filter((_, index) => index % 4 !== 3);
  const alphas = palette.filter((_, index) => index % 4 === 3);
  return Buffer.concat([
    SIGNATURE,
    encodeChunk('IHDR', encodeHeader(raster)),
    encodeChunk('PLTE', colors),
    encodeChunk('tRNS', alphas),
    encodeChunk('IDAT', deflateSync(rows, { level: 9 })),
    encodeChunk('IEND', new Uint8Array()),
  ]);
}
