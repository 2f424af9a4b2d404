import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { openOwnRecord } from '../../src/record/own/openOwnRecord.ts';

/** Looks at the segments that nobody writes to any more, each once. */
export interface RecordJudge {
  /** @throws AssertionError when more is missing than the block an exporter died in. */
  look(): Promise<void>;
  readonly nrSegments: number;
  readonly nrSnapshots: number;
  /** Segments that end within a block, or before their head. */
  readonly nrTorn: number;
}

function listSegments(record: string): string[] {
  const isSegment = (name: string): boolean =>
    name.startsWith(`${basename(record)}.`) && /\.\d{6}$/.test(name);
  return readdirSync(dirname(record)).filter(isSegment).sort();
}

export function createRecordJudge(record: string): RecordJudge {
  const seen = new Set<string>();
  let [nrSnapshots, nrTorn] = [0, 0];
  let lastEndNs = 0n;
  const lookAt = async (name: string): Promise<void> => {
    const reader = await openOwnRecord(join(dirname(record), name));
    try {
      for await (const batch of reader.readSnapshots()) {
        for (const { startNs, endNs } of batch) {
          assert.ok(startNs < endNs && lastEndNs <= endNs, `${name}: out of order`);
          lastEndNs = endNs;
          nrSnapshots += 1;
        }
      }
      assert.ok(reader.damages.length <= 1, `${name}: ${JSON.stringify(reader.damages)}`);
      for (const { message } of reader.damages) assert.match(message, /cut off|ends within|head/);
      nrTorn += reader.damages.length;
    } finally {
      await reader.close();
    }
  };
  return {
    look: async () => {
      for (const name of listSegments(record)) {
        if (seen.has(name)) continue;
        seen.add(name);
        await lookAt(name);
      }
    },
    get nrSegments() {
      return seen.size;
    },
    get nrSnapshots() {
      return nrSnapshots;
    },
    get nrTorn() {
      return nrTorn;
    },
  };
}
