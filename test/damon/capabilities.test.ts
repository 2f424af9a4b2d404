import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  CAPABILITIES,
  findAttributeCapability,
  findCapability,
  findValueCapability,
  isCoveredByPattern,
  isSince,
} from '../../src/damon/capabilities.ts';

/** Paths relative to `kdamonds/0` in a captured tree, directories without their slash. */
function readFixturePaths(name: string): string[] {
  return readFileSync(`test/fixtures/sysfs/${name}`, 'utf8')
    .split('\n')
    .map((line) => line.split('\t')[0]?.replace(/\/$/, '') ?? '')
    .filter((path) => path.startsWith('admin/kdamonds/0/'))
    .map((path) => path.slice('admin/kdamonds/0/'.length));
}

describe('capability table', () => {
  test('ids are unique and versions ascend', () => {
    const ids = CAPABILITIES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [index, { since }] of CAPABILITIES.entries()) {
      const earlier = CAPABILITIES[index - 1]?.since ?? '5.15';
      expect(isSince(since, earlier), `${since} after ${earlier}`).toBe(true);
    }
  });

  test.each([
    ['6.12-defaults.txt', '6.12'],
    ['7.2-defaults.txt', '7.2'],
  ])('every file of the captured tree %s existed by its version', (name, version) => {
    for (const path of readFixturePaths(name)) {
      const since = findAttributeCapability(path)?.since ?? '5.18';
      expect(isSince(version, since), `${path} since ${since}`).toBe(true);
    }
  });

  test('every file 7.2 has and 6.12 lacks is explained by a capability after 6.12', () => {
    const old = new Set(readFixturePaths('6.12-defaults.txt'));
    const added = readFixturePaths('7.2-defaults.txt').filter((path) => !old.has(path));
    expect(added.length).toBeGreaterThan(50);
    for (const path of added) {
      const since = findAttributeCapability(path)?.since ?? '5.18';
      expect(isSince('6.12', since), `${path} since ${since}`).toBe(false);
    }
  });

  test('every pattern matches something in the newest tree, region directories apart', () => {
    const paths = readFixturePaths('7.2-defaults.txt');
    for (const { evidence, id } of CAPABILITIES) {
      if (evidence.kind !== 'attribute' && evidence.kind !== 'value') continue;
      for (const pattern of evidence.patterns.filter((p) => !p.includes('tried_regions/*'))) {
        const isFound = paths.some((path) => isCoveredByPattern(path, pattern));
        expect(isFound, `${id}: ${pattern}`).toBe(true);
      }
    }
  });

  test('where several capabilities cover a path, the latest explains its absence', () => {
    const path = 'contexts/0/schemes/3/core_filters/1/allow';
    expect(findAttributeCapability(path)?.id).toBe('filter_layers');
    expect(findAttributeCapability('contexts/0/schemes/3/filters/1/allow')?.id).toBe(
      'filter_allow',
    );
    expect(findAttributeCapability('contexts/0/operations')).toBeUndefined();
  });

  test('a value is explained by the file it is written to', () => {
    expect(findValueCapability('contexts/0/schemes/0/filters/0/type', 'young')?.since).toBe('6.10');
    expect(findValueCapability('contexts/0/schemes/0/action', 'young')).toBeUndefined();
  });

  test('an unknown id is an error', () => {
    expect(findCapability('refresh_ms').since).toBe('6.17');
    expect(() => findCapability('refresh')).toThrow(/no capability "refresh"/);
  });

  test.each([
    ['contexts/0/pause', 'contexts/*/pause', true],
    ['contexts/x/pause', 'contexts/*/pause', false],
    ['contexts/0/pause/x', 'contexts/*/pause', false],
    ['contexts/0/dests', 'contexts/*/dests/', true],
    ['contexts/0/dests/0/id', 'contexts/*/dests/', true],
    ['contexts/0', 'contexts/*/dests/', false],
  ])('%s under %s: %s', (path, pattern, isCovered) => {
    expect(isCoveredByPattern(path, pattern)).toBe(isCovered);
  });

  test.each([
    ['6.12.107+deb13-cloud-amd64', '6.12', true],
    ['6.12.107', '6.9', true],
    ['6.9', '6.12', false],
    ['7.0', '6.19', true],
    ['5.19', '6.0', false],
  ])('%s is at least %s: %s', (version, since, expected) => {
    expect(isSince(version, since)).toBe(expected);
  });

  test('a release that is no version is refused', () => {
    expect(() => isSince('next', '6.1')).toThrow(/found "next"/);
  });
});
