import { describe, expect, test } from 'vitest';
import {
  omitAbsent,
  parseSwitch,
  readIfPresent,
  readInteger,
  readNumbered,
  readSwitch,
  readUint64,
  readWord,
  trimAttribute,
} from '../../src/kernel/attribute.ts';
import { createFixtureKernel } from '../support/fixtureTree.ts';

describe('attribute values', () => {
  test.each([
    ['on\n', 'on'],
    ['on', 'on'],
    ['/a\n\n', '/a\n'],
    ['\n', ''],
  ])('%j without its final newline is %j', (text, value) => {
    expect(trimAttribute(text)).toBe(value);
  });

  test.each([
    ['Y', true],
    ['N', false],
    ['1', true],
    ['0', false],
  ])('the switch %s reads as %s', (text, value) => {
    expect(parseSwitch(text, 'pause')).toBe(value);
  });

  test.each(['', 'y', 'yes', 'on', 'Y '])('the switch %j is refused', (text) => {
    expect(() => parseSwitch(text, 'pause')).toThrow(/^pause: .*expected Y or N/);
  });

  test('nonsense is an error with the path, absence is undefined', () => {
    const { fs } = createFixtureKernel({ 'sys/a': '12 34\n', 'sys/b': '-1\n', 'sys/c': 'Y\n' });
    expect(() => readUint64(fs, 'sys/a')).toThrow(/^read .*sys\/a: value: found "12 34"/);
    expect(() => readUint64(fs, 'sys/b')).toThrow(/found "-1"/);
    expect(readInteger(fs, 'sys/b')).toBe(-1);
    expect(readSwitch(fs, 'sys/c')).toBe(true);
    expect(readWord(fs, 'sys/a')).toBe('12 34');
    expect(readIfPresent(readUint64, fs, 'sys/d')).toBeUndefined();
    expect(() => readIfPresent(readUint64, fs, 'sys/a')).toThrow();
  });

  test('numbered directories are read in numeric order, other names skipped', () => {
    const { fs } = createFixtureKernel({
      'sys/d/10/x': 'ten',
      'sys/d/9/x': 'nine',
      'sys/d/nr_d': '2',
      'sys/d/8/y': 'no x: vanished',
    });
    expect(readNumbered(fs, 'sys/d', (path) => readWord(fs, `${path}/x`))).toEqual(['nine', 'ten']);
    expect(readNumbered(fs, 'sys/none', () => 1)).toBeUndefined();
  });

  test('omitAbsent leaves out undefined and keeps every other falsy value', () => {
    const fields: Record<string, unknown> = { a: undefined, b: 0, c: '', d: false, e: 0n };
    expect(Object.keys(omitAbsent(fields))).toEqual(['b', 'c', 'd', 'e']);
  });
});
