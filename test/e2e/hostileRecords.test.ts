import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createDeflate } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createTestDir } from '../support/records.ts';
import { runWatched } from './runWatched.ts';

const dir = createTestDir();

describe('a hostile file is refused in bounded memory', { timeout: 300_000 }, () => {
  async function writeBomb(
    path: string,
    head: string,
    repeated: string,
    times: number,
  ): Promise<void> {
    const deflate = createDeflate({ level: 1 });
    const file = createWriteStream(path);
    deflate.pipe(file);
    deflate.write(head);
    const block = repeated.repeat(2000);
    for (let done = 0; done < times; done += 2000) {
      if (!deflate.write(block)) await once(deflate, 'drain');
    }
    deflate.end();
    await once(file, 'close');
  }

  const region =
    '{"start":"4,096","end":"8,192","nr_accesses":{"samples":1,"percent":null},"age":{"usec":null,"aggr_intervals":"1"}},';
  const open = '[{"target_id":1,"snapshots":[{"start_time":"1","end_time":"2","regions":[';

  test.each([
    [
      'five million regions in one snapshot',
      open,
      region,
      5_000_000,
      /more than 4194304 regions|ends in the middle/,
    ],
    ['lists in lists', '[{"target_id":1,"x":', '[', 500_000_000, /more than 64 levels/],
    [
      'a string without end',
      '[{"target_id":"',
      'aaaaaaaaaaaaaaaaaaaa',
      20_000_000,
      /longer than 1048576 bytes/,
    ],
    [
      'a value of millions of parts',
      '[{"target_id":1,"scheme_filters":[',
      '1,',
      50_000_000,
      /more than 10000 parts/,
    ],
    [
      'an unknown value that never ends',
      '[{"target_id":1,"unknown":[',
      '1,',
      100_000_000,
      /ends in the middle/,
    ],
    ['blanks', '[', '                    ', 25_000_000, /ends in the middle/],
    [
      'records of as many targets',
      '[',
      '{"target_id":1,"snapshots":[]},',
      10_000_000,
      /expected a value|ends in the middle/,
    ],
  ])('%s', async (name, head, repeated, times, message) => {
    const path = join(dir, `${name}.bomb`);
    await writeBomb(path, head, repeated, times);
    const outcome = await runWatched('convert', path, join(dir, 'never.csv'));
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).toMatch(/^damon-exporter: [^\n]*\n$/);
    expect(outcome.status).toBe(5);
    expect(outcome.peakMib).toBeGreaterThan(30);
    expect(outcome.peakMib).toBeLessThan(700);
  });
});
