import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { RecordError } from '../../src/base/errors.ts';
import { formatSnapshotText } from '../support/traceText.ts';
import { buildBinaryRecord } from '../support/binaryRecord.ts';
import { generateSnapshots } from '../support/generateRecord.ts';
import { readRecord } from '../support/records.ts';
import type { ReadRecord } from '../support/records.ts';

const dir = mkdtempSync(join(tmpdir(), 'damon-exporter-fuzz-'));
afterAll(() => {
  rmSync(dir, { recursive: true });
});

const JSON_TEXT = readFileSync('test/fixtures/records/json/3.2.3.json');
const SNAPSHOTS_TEXT = readFileSync('test/fixtures/records/json/3.2.3-snapshots.json');
const BINARY = [1, 2, 3].map((seconds) => ({
  seconds,
  nanoseconds: 5,
  tasks: [{ targetId: 5n, regions: [[4096n, 8192n, 3] as const, [8192n, 65536n, 4] as const] }],
}));
const TRACE_TEXT = Buffer.from(
  [...generateSnapshots({ nrSnapshots: 4, nrRegions: 4 })].map(formatSnapshotText).join(''),
);

const SEEDS: readonly (readonly [string, Buffer])[] = [
  ['json', JSON_TEXT],
  ['json of record --snapshot', SNAPSHOTS_TEXT],
  ['json_compressed', deflateSync(JSON_TEXT)],
  ['stored json_compressed', deflateSync(JSON_TEXT, { level: 0 })],
  ['gzipped json', gzipSync(JSON_TEXT)],
  ['trace text', TRACE_TEXT],
  ['binary v0', buildBinaryRecord(0, BINARY)],
  ['binary v1', buildBinaryRecord(1, BINARY)],
  ['binary v2', buildBinaryRecord(2, BINARY)],
];

type Mutation = readonly ['flip' | 'cut' | 'insert' | 'remove' | 'copy', number, number];

const mutations = fc.array(
  fc.tuple(
    fc.constantFrom(
      'flip' as const,
      'cut' as const,
      'insert' as const,
      'remove' as const,
      'copy' as const,
    ),
    fc.nat(),
    fc.nat(255),
  ),
  { minLength: 1, maxLength: 4 },
);

function mutate(bytes: Buffer, [kind, where, value]: Mutation): Buffer {
  const at = where % (bytes.length + 1);
  switch (kind) {
    case 'flip': {
      const flipped = Buffer.from(bytes);
      if (at < bytes.length) flipped[at]! ^= 1 << (value % 8);
      return flipped;
    }
    case 'cut':
      return bytes.subarray(0, at);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), Buffer.of(value), bytes.subarray(at)]);
    case 'remove':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + value)]);
    case 'copy':
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - value))]);
  }
}

/** What must hold for whatever was read. */
function checkSnapshots({ snapshots }: ReadRecord): void {
  const lastStart = new Map<object, bigint>();
  for (const { stream, startNs, endNs, regions } of snapshots) {
    expect(endNs).toBeGreaterThanOrEqual(startNs);
    expect(startNs).toBeGreaterThanOrEqual(lastStart.get(stream) ?? 0n);
    lastStart.set(stream, startNs);
    expect(regions.startAddr.length).toBe(regions.count);
    for (let index = 0; index < regions.count; index += 1) {
      expect(regions.endAddr[index]!).toBeGreaterThan(regions.startAddr[index]!);
    }
  }
}

async function readAnything(content: Uint8Array): Promise<void> {
  const path = join(dir, 'fuzzed.data');
  writeFileSync(path, content);
  try {
    checkSnapshots(await readRecord(path));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    expect(error.message).toContain(path);
  }
}

describe('whatever happens to a file, it is read in part or refused', { timeout: 60_000 }, () => {
  test.each(SEEDS)('%s', async (_name, seed) => {
    await fc.assert(
      fc.asyncProperty(mutations, (changes) => readAnything(changes.reduce(mutate, seed))),
      { numRuns: 40 },
    );
  });

  // Every offset of one snapshot; the others are the same again.
  test.each(SEEDS)('%s cut off anywhere near its end, and in many places', async (_name, seed) => {
    const step = 1 + Math.floor(seed.length / 40);
    for (let length = 0; length < seed.length; length += length > seed.length - 250 ? 1 : step) {
      await readAnything(seed.subarray(0, length));
    }
  });

  const PREFIXES = [
    '',
    '[',
    '[{"snapshots": [{"regions": [{',
    'damon_recfmt_ver\u0002\0\0\0',
    '\x78\x9c',
    '\x1f\x8b\x08',
    'k 1 [000] 1.0: damon:damon_aggregated: ',
  ];
  test.each(PREFIXES)('random bytes after %j', async (prefix) => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), (bytes) =>
        readAnything(Buffer.concat([Buffer.from(prefix, 'latin1'), bytes])),
      ),
      { numRuns: 40 },
    );
  });
});
