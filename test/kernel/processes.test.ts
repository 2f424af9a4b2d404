import { describe, expect, test } from 'vitest';
import {
  areInForeground,
  isProcessAlive,
  parseProcessStat,
  readComm,
  readCommandLine,
  readKdamondThreads,
  readProcessStat,
} from '../../src/kernel/processes.ts';
import { createFixtureKernel } from '../support/fixtureTree.ts';

// Captured on 7.2.
const KDAMOND =
  '123 (kdamond.0) I 2 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 344 0 0 18446744073709551615 0 0 0 0 0 0 0 2147483647 0 1 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 0\n';

function createStat(pid: number, comm: string, state = 'S', flags = 4194304): string {
  return `${pid} (${comm}) ${state} 1 1 1 0 -1 ${flags} 1 2 3 4 150 50 7 8 20 0 1 0 9000 1 1\n`;
}

describe('processes', () => {
  test('a kernel thread of DAMON', () => {
    expect(parseProcessStat(KDAMOND)).toEqual({
      pid: 123,
      comm: 'kdamond.0',
      state: 'I',
      groupId: 0,
      foregroundGroupId: undefined,
      isKernelThread: true,
      cpuSeconds: 0,
      startTicks: 344,
    });
  });

  test.each(['a b', 'a) S 1 (b', '((', ')'])('the command name %j is read whole', (comm) => {
    const stat = parseProcessStat(createStat(7, comm));
    expect(stat).toMatchObject({ pid: 7, comm, state: 'S', cpuSeconds: 2, startTicks: 9000 });
    expect(stat.isKernelThread).toBe(false);
  });

  test.each(['', '1', '1 (a', 'x (a) S 1', '1 (a) S 1 2 3'])('%j is refused', (text) => {
    expect(() => parseProcessStat(text)).toThrow(/^process stat: found/);
  });

  test('a zombie is not alive, and neither is nobody', () => {
    const { fs } = createFixtureKernel({
      'proc/5/stat': createStat(5, 'zombie', 'Z'),
      'proc/6/stat': createStat(6, 'alive'),
      'proc/7/stat': 'nonsense',
    });
    expect(isProcessAlive(fs, 5)).toBe(false);
    expect(isProcessAlive(fs, 6)).toBe(true);
    expect(isProcessAlive(fs, 8)).toBe(false);
    expect(() => readProcessStat(fs, 7)).toThrow(/proc\/7\/stat: not a stat line/);
  });

  test.each<[string, readonly [group: number, foreground: number], boolean]>([
    ['in its foreground', [5, 5], true],
    ['in its background', [5, 9], false],
    ['in another group', [6, 5], false],
    ['without a terminal', [5, -1], false],
  ])('with a terminal: one %s', (_what, [groupId, foregroundGroupId], expected) => {
    const { fs } = createFixtureKernel({
      'proc/5/stat': `5 (a) S 1 5 1 34816 ${foregroundGroupId} 0 1 2 3 4 150 50 7 8 20 0 1 0 9000 1`,
      'proc/6/stat': `6 (b) S 5 ${groupId} 1 34816 5 0 1 2 3 4 150 50 7 8 20 0 1 0 9000 1`,
    });
    expect(areInForeground(fs, [5, 6])).toBe(expected);
    expect(areInForeground(fs, [5, 7])).toBe(false);
  });

  test('names and arguments', () => {
    const { fs } = createFixtureKernel({
      'proc/6/comm': 'a b\n',
      'proc/6/cmdline': 'a b\0--flag\0\0',
      'proc/2/cmdline': '',
    });
    expect(readComm(fs, 6)).toBe('a b');
    expect(readComm(fs, 9)).toBeUndefined();
    expect(readCommandLine(fs, 6)).toEqual(['a b', '--flag', '']);
    expect(readCommandLine(fs, 2)).toEqual([]);
    expect(readCommandLine(fs, 9)).toBeUndefined();
  });

  test.each([
    ['with a list of children', { 'proc/2/task/2/children': '123 4 ' }],
    ['without one', {}],
  ])('threads of DAMON are found %s, programs of the same name are not', (_, files) => {
    const { fs } = createFixtureKernel({
      ...files,
      'proc/123/stat': KDAMOND,
      'proc/4/stat': createStat(4, 'kworker/0:0', 'I', 2129984),
      'proc/124/stat': createStat(124, 'kdamond.1'),
      'proc/meminfo': '',
    });
    expect(readKdamondThreads(fs).map(({ pid }) => pid)).toEqual([123]);
  });
});
