import { describe, expect, test } from 'vitest';
import { formatEvent, readText, snapshotLines, summarize } from '../../support/traceText.ts';

describe('putting lines together', () => {
  test('a snapshot ends with its first line and begins with the one before it', async () => {
    const text = [100, 200, 310].flatMap((ms) => snapshotLines(ms, 3)).join('');
    const { snapshots } = await readText(text);
    // The first took the mean of the others: (310 - 100) / 2.
    expect(snapshots.map(({ startNs, endNs }) => [startNs, endNs])).toEqual([
      [0n, 100_000_000n],
      [100_000_000n, 200_000_000n],
      [200_000_000n, 310_000_000n],
    ]);
  });

  test.each([
    ['the first', 0],
    ['one in the middle', 1],
    ['the last', 2],
  ])('%s line of a snapshot lost costs that snapshot only', async (_which, lost) => {
    const lines = [100, 200, 300, 400].map((ms, index) => snapshotLines(ms, 3, index));
    const before = lines[0]!.join('').length;
    lines[1]!.splice(lost, 1);
    const { snapshots, damages } = await readText(lines.flat().join(''));
    expect(snapshots.map(({ regions }) => [...regions.nrAccesses])).toEqual([
      [0, 0, 0],
      [2, 2, 2],
      [3, 3, 3],
    ]);
    expect(damages).toEqual([
      { byteOffset: before, message: 'left out a snapshot: found 2 of its 3 regions' },
    ]);
    // What was lost was a part of that time: the next does not stretch over it.
    expect(snapshots[1]!.startNs).toBeGreaterThanOrEqual(200_000_000n);
  });

  test('an end and a beginning lost do not make one snapshot of two', async () => {
    const lines = [100, 200, 300, 400, 500].map((ms, index) => snapshotLines(ms, 4, index));
    lines[2]!.splice(2);
    lines[3]!.splice(0, 2);
    const { snapshots, damages } = await readText(lines.flat().join(''));
    expect(snapshots.map(({ regions }) => regions.nrAccesses[0])).toEqual([0, 1, 4]);
    expect(damages).toHaveLength(2);
  });

  test('targets, kdamonds and schemes are streams of their own', async () => {
    const region = 'nr_regions=1 4096-8192: 1 0';
    const text = [
      formatEvent('1.0', `target_id=0 ${region}`),
      formatEvent('1.000001', `target_id=1 ${region}`),
      formatEvent('1.000002', `target_id=0 ${region}`).replace(' 185 ', ' 186 '),
      formatEvent(
        '1.000003',
        `ctx_idx=0 scheme_idx=2 target_idx=1 ${region}`,
        'damon:damos_before_apply',
      ),
      formatEvent('1.1', `target_id=0 ${region}`),
    ].join('');
    const { snapshots } = await readText(text);
    const streams = [...new Set(snapshots.map(({ stream }) => stream))];
    expect(
      streams.map(({ targetId, contextIndex, schemeIndex }) => [
        targetId,
        contextIndex,
        schemeIndex,
      ]),
    ).toEqual([
      ['0', undefined, undefined],
      ['1', undefined, undefined],
      ['0', undefined, undefined],
      ['1', 0, 2],
    ]);
    expect(snapshots).toHaveLength(5);
  });

  test('a scheme tried on some regions only has snapshots of those', async () => {
    const line = (time: string, start: number): string =>
      formatEvent(
        time,
        `ctx_idx=0 scheme_idx=0 target_idx=0 nr_regions=9 ${start}-${start + 10}: 1 0`,
        'damon:damos_before_apply',
      );
    const text = [line('1.0', 10), line('1.000001', 30), line('1.1', 10), line('1.2', 20)].join('');
    const { snapshots, damages } = await readText(text);
    expect(damages).toEqual([]);
    expect(snapshots.map(({ regions }) => [...regions.startAddr])).toEqual([
      [10n, 30n],
      [10n],
      [20n],
    ]);
  });

  test('time that goes backwards costs what is too early', async () => {
    const text = [100, 300, 200, 400].flatMap((ms) => snapshotLines(ms, 2)).join('');
    const { snapshots, damages } = await readText(text);
    expect(snapshots.map(({ endNs }) => endNs / 1_000_000n)).toEqual([100n, 300n, 400n]);
    expect(damages.map(({ message }) => message)).toEqual([
      'left out a snapshot: it is earlier than the one before it',
    ]);
  });

  test('the placeholder damo writes behind a lonely snapshot tells how long that took', async () => {
    const text =
      formatEvent('1.2', 'target_id=5 nr_regions=1 4096-8192: 5 1') +
      formatEvent('1.4', 'target_id=5 nr_regions=1 0-0: -1 -1');
    const { snapshots, damages } = await readText(text);
    expect(damages).toEqual([]);
    expect(snapshots.map(summarize)).toEqual([
      [1_000_000_000n, 1_200_000_000n, '5', '4096 8192 5 1'],
    ]);
  });

  test('a tuned sampling interval holds from the next aggregation on', async () => {
    const tune = (time: string, us: number): string =>
      formatEvent(time, `sample_us=${us}`, 'damon:damon_monitor_intervals_tune');
    const text = [
      ...snapshotLines(100, 2),
      tune('0.199', 10_000),
      ...snapshotLines(200, 2),
      ...snapshotLines(400, 2),
      tune('0.599', 20_000),
      ...snapshotLines(600, 2),
      ...snapshotLines(1000, 2),
    ].join('');
    const { snapshots } = await readText(text);
    expect(snapshots.map(({ sampleIntervalUs }) => sampleIntervalUs)).toEqual([
      undefined,
      undefined,
      10_000,
      10_000,
      20_000,
    ]);
  });

  test.each([
    ['with the plain event', true],
    ['alone', false],
  ])('probe hits come in an event of their own, %s', async (_how, hasPlain) => {
    const lines = [1, 2].flatMap((index) => {
      const region = `target_id=0 nr_regions=2 ${index * 4096}-${(index + 1) * 4096}: 1 0`;
      const plain = hasPlain ? [formatEvent(`1.00000${index}`, region)] : [];
      const probes = `${region} probe_hits=0${index} ff`;
      return [...plain, formatEvent(`1.00000${index}`, probes, 'damon:damon_region_aggregated')];
    });
    const { snapshots, damages } = await readText(lines.join(''));
    expect(damages).toEqual([]);
    expect(snapshots).toHaveLength(1);
    expect(snapshots[0]!.regions.probeHits).toEqual([Uint8Array.of(1, 2), Uint8Array.of(255, 255)]);
  });

  test.each([
    ['cut off', 'target_id=0 nr_regions=1 40'],
    ['with a word', 'target_id=0 nr_regions=1 abc-8192: 1 0'],
    ['beyond 64 bits', 'target_id=0 nr_regions=1 4096-18446744073709551616: 1 0'],
    ['of something newer', 'target=0 nr_regions=1 4096-8192: 1 0'],
  ])('a line %s is left out and named', async (_what, rest) => {
    const good = snapshotLines(100, 1).join('');
    const { snapshots, damages } = await readText(
      good + formatEvent('0.2', rest) + snapshotLines(300, 1).join(''),
    );
    expect(snapshots).toHaveLength(2);
    expect(damages).toEqual([
      {
        byteOffset: good.length,
        message: 'left out a line: not as the kernel prints damon:aggregated',
      },
    ]);
  });

  test.each([
    ['announces 4294967295 regions', 'target_id=0 nr_regions=4294967295 4096-8192: 1 0'],
    ['announces no regions', 'target_id=0 nr_regions=0 4096-8192: 1 0'],
    ['has an empty region', 'target_id=0 nr_regions=1 8192-8192: 1 0'],
  ])('a snapshot that %s is left out', async (_what, rest) => {
    const { snapshots, damages } = await readText(
      snapshotLines(100, 1).join('') + formatEvent('0.2', rest) + snapshotLines(300, 1).join(''),
    );
    expect(snapshots).toHaveLength(2);
    expect(damages).toHaveLength(1);
  });
});
