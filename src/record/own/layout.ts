/**
 * The bytes of our record format as constants; FORMAT.md draws and explains the same, and a test
 * compares the two. Fields are given as offset and size in bytes; numbers are little endian.
 */

/** First bytes of a file. Not text, and broken visibly by whatever changes line ends. */
export const FILE_MAGIC: Uint8Array = Uint8Array.of(0x89, 0x44, 0x4d, 0x52, 0x0d, 0x0a, 0x1a, 0x0a);
/** First bytes of each block; a reader looks for them after damage. */
export const BLOCK_MAGIC: Uint8Array = Uint8Array.of(0x8b, 0x44, 0x42, 0x4b);
/** Last bytes of a file that was closed. */
export const END_MAGIC: Uint8Array = Uint8Array.of(0x8e, 0x44, 0x4e, 0x44);

/** Readers refuse another major version and take any minor one. */
export const VERSION = { major: 1, minor: 0 } as const;

export const FILE_HEADER = {
  magic: { offset: 0, size: 8 },
  versionMajor: { offset: 8, size: 2 },
  versionMinor: { offset: 10, size: 2 },
  flags: { offset: 12, size: 4 },
  clockRecordNs: { offset: 16, size: 8 },
  clockWallMs: { offset: 24, size: 8 },
  clockId: { offset: 32, size: 16 },
  reserved: { offset: 48, size: 12 },
  headerCrc: { offset: 60, size: 4 },
} as const;
export const FILE_HEADER_BYTES = 64;

/** Bits of the file header's flags. */
export const FILE_FLAG = { hasClockBase: 1 } as const;

export const BLOCK_HEADER = {
  magic: { offset: 0, size: 4 },
  kind: { offset: 4, size: 1 },
  compression: { offset: 5, size: 1 },
  reserved: { offset: 6, size: 2 },
  storedBytes: { offset: 8, size: 4 },
  rawBytes: { offset: 12, size: 4 },
  startNs: { offset: 16, size: 8 },
  endNs: { offset: 24, size: 8 },
  nrSnapshots: { offset: 32, size: 4 },
  nrRegions: { offset: 36, size: 4 },
  payloadCrc: { offset: 40, size: 4 },
  headerCrc: { offset: 44, size: 4 },
} as const;
export const BLOCK_HEADER_BYTES = 48;

export const BLOCK_KIND = { snapshots: 1, index: 2 } as const;
export const COMPRESSION = { none: 0, deflate: 1 } as const;

export const TRAILER = {
  indexOffset: { offset: 0, size: 8 },
  trailerCrc: { offset: 8, size: 4 },
  magic: { offset: 12, size: 4 },
} as const;
export const TRAILER_BYTES = 16;

/** Columns of a snapshot block in the order they follow each other. Later versions append. */
export const COLUMN_NAMES = [
  'streams',
  'heads',
  'tags',
  'gaps',
  'sizes',
  'accesses',
  'ages',
  'plain',
  'probes',
  'passed',
] as const;
export type ColumnName = (typeof COLUMN_NAMES)[number];

/** Bits of a snapshot's head. */
export const SNAPSHOT_FLAG = {
  hasAges: 1,
  isDelta: 2,
  isPlain: 4,
  hasNewInterval: 8,
  hasTotalBytes: 16,
  hasSchemeStats: 32,
  hasFilterPassed: 64,
  hasProbes: 128,
} as const;

/** What a reader accepts; a writer stays far below. They bound the memory a hostile file can ask for. */
export const LIMITS = {
  storedBytes: 33_554_432,
  rawBytes: 33_554_432,
  regionsPerBlock: 2_097_152,
  snapshotsPerBlock: 65_536,
  columns: 64,
  probes: 16,
  shift: 64,
} as const;
