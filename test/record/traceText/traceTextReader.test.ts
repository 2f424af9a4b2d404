import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TRACE_CAPTURES, readCapturedText } from '../../support/traceCaptures.ts';
import { formatEvent, readText, snapshotLines, summarize } from '../../support/traceText.ts';

describe('what prints the lines', () => {
  const payload = 'target_id=7 nr_regions=1 4096-8192: 3 4';
  test.each([
    ['perf script', `kdamond.0   185 [001]    15.090524: damon:damon_aggregated: ${payload}`],
    [
      'perf script --ns',
      `kdamond.0   185 [001]    15.090524000: damon:damon_aggregated: ${payload}`,
    ],
    ['perf script without the CPU', `kdamond.0 185 15.090524: damon:damon_aggregated: ${payload}`],
    ['trace-cmd', `       kdamond.0-185   [001]    15.090524: damon_aggregated:     ${payload}`],
    [
      'trace-cmd with flags',
      `       kdamond.0-185   [001] d..1.   15.090524: damon_aggregated:     ${payload}`,
    ],
    ['tracefs', `       kdamond.0-185     [001] .....    15.090524: damon_aggregated: ${payload}`],
    ['damo', `kdamond.x xxxx xxxx 15.090524: damon:damon_aggregated: ${payload}`],
    ['a system with CRLF', `kdamond.0 185 [001] 15.090524: damon:damon_aggregated: ${payload}  \r`],
    ['a name with blanks', `my kdamond 185 [001] 15.090524: damon:damon_aggregated: ${payload}`],
  ])('%s', async (_who, line) => {
    const { snapshots, damages } = await readText(
      `# comment\n\n${line}\nother 1 [000] 15.1: sched:x: y`,
    );
    expect(damages).toEqual([]);
    expect(snapshots.map(summarize)).toEqual([
      [15_090_524_000n, 15_090_524_000n, '7', '4096 8192 3 4'],
    ]);
  });

  test('kernels before 5.17 tell no age, and damo writes None for it', async () => {
    for (const age of ['', ' None']) {
      const { snapshots } = await readText(
        formatEvent('1.5', `target_id=7 nr_regions=1 4096-8192: 3${age}`),
      );
      expect(snapshots.map(summarize)[0]!.at(-1)).toBe('4096 8192 3 -');
    }
  });

  test('a target is a 64-bit number on old kernels, and times are exact', async () => {
    const line = formatEvent(
      '4294967296.123456789',
      'target_id=18446623440000000123 nr_regions=1 18446744073709547520-18446744073709551615: 1 0',
    );
    const { snapshots } = await readText(line);
    expect(snapshots.map(summarize)).toEqual([
      [
        4_294_967_296_123_456_789n,
        4_294_967_296_123_456_789n,
        '18446623440000000123',
        '18446744073709547520 18446744073709551615 1 0',
      ],
    ]);
  });
});

test.each(['9223372036.0', '1.x', '1', '-1.0'])('a line at %s is damage', async (time) => {
  const payload = 'target_id=7 nr_regions=1 4096-8192: 3 4';
  const good = formatEvent('1.5', payload);
  const { snapshots, damages } = await readText(`${formatEvent(time, payload)}${good}`);
  expect(snapshots.map(({ endNs }) => endNs)).toEqual([1_500_000_000n]);
  expect(damages).toEqual([
    { byteOffset: 0, message: expect.stringContaining('found no time before damon') as string },
  ]);
});

describe('what the kernel printed', () => {
  test.each(TRACE_CAPTURES.filter(([, name]) => name !== 'vaddr-missed-events'))(
    '%s %s: every region of every whole snapshot is read',
    async (version, name) => {
      const path = `test/fixtures/trace/${version}/${name}.txt.gz`;
      const text = gunzipSync(readFileSync(path)).toString();
      const { snapshots } = await readText(text, [777]);
      const { regions } = readCapturedText(version, name);
      const plain = snapshots.filter(({ stream }) => stream.schemeIndex === undefined);
      const read = plain.flatMap((one) => summarize(one).slice(3));
      const printed = regions.map((one) => `${one.start} ${one.end} ${one.nrAccesses} ${one.age}`);
      // A capture begins and ends anywhere in a snapshot.
      expect(printed.join('\n')).toContain(read.slice(0, 50).join('\n'));
      expect(read.length).toBeGreaterThan(printed.length * 0.9);
    },
  );
});

test('text in any pieces is the same', async () => {
  const text = [100, 200, 300].flatMap((ms) => snapshotLines(ms, 5)).join('');
  const expected = (await readText(text)).snapshots;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
      async (sizes) => {
        expect((await readText(text, sizes)).snapshots).toEqual(expected);
      },
    ),
    { numRuns: 50 },
  );
});
