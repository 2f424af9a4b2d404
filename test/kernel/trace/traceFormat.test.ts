import { describe, expect, test } from 'vitest';
import {
  computeAggregatedLayout,
  computeIntervalsTuneLayout,
} from '../../../src/kernel/trace/eventLayout.ts';
import { parseEventFormat, parsePageFormat } from '../../../src/kernel/trace/traceFormat.ts';
import { readTraceFile } from '../../support/traceCaptures.ts';
import { AGGREGATED_FORMAT, TUNE_FORMAT, pageFormatText } from '../../support/tracePages.ts';

const PATH = '/t/format';

describe('format of an event', () => {
  test.each([
    ['6.12', 'damon_aggregated'],
    ['7.2', 'damon_aggregated'],
  ] as const)('of %s, %s, gives offsets', (version, event) => {
    const text = readTraceFile(version, `damon/${event}/format`);
    expect(computeAggregatedLayout(parseEventFormat(text, PATH), PATH)).toMatchObject({
      size: 48,
      pid: 4,
      targetId: 8,
      nrRegions: 16,
      start: 24,
      end: 32,
      nrAccesses: 40,
      age: 44,
    });
  });

  test('with arrays and dynamic arrays is understood', () => {
    const text = readTraceFile('7.2', 'damon/damon_region_aggregated/format');
    const { name, fields } = parseEventFormat(text, PATH);
    expect(name).toBe('damon_region_aggregated');
    expect(fields.get('probe_hits')).toEqual({ offset: 44, size: 4, isSigned: false });
    expect(fields.get('common_pid')).toEqual({ offset: 4, size: 4, isSigned: true });
  });

  test('with fields this program does not know is understood', () => {
    const text = AGGREGATED_FORMAT.replace(
      '\n\nprint',
      '\n\tfield:char comm[16];\toffset:48;\tsize:16;\tsigned:0;\n\nprint',
    );
    expect(computeAggregatedLayout(parseEventFormat(text, PATH), PATH).size).toBe(48);
  });

  test('of a kernel that tells no age has none', () => {
    const text = AGGREGATED_FORMAT.replace(/\tfield:unsigned int age;.*\n/, '');
    expect(computeAggregatedLayout(parseEventFormat(text, PATH), PATH)).toMatchObject({
      age: undefined,
      size: 44,
    });
  });

  test('of tuned intervals gives the place and the size of the number', () => {
    expect(computeIntervalsTuneLayout(parseEventFormat(TUNE_FORMAT, PATH), PATH)).toEqual({
      id: 745,
      size: 16,
      pid: 4,
      sampleUs: 8,
      sampleUsSize: 8,
    });
  });

  test.each([
    ['no name', (text: string) => text.replace(/^name: .*$/m, ''), /found no line "name: EVENT"/],
    ['no ID', (text: string) => text.replace(/^ID: .*$/m, 'ID: x'), /"ID: NUMBER"/],
    [
      'an ID beyond 16 bits',
      (text: string) => text.replace(/^ID: .*$/m, 'ID: 65536'),
      /at most 65535/,
    ],
    [
      'no start',
      (text: string) => text.replace(' start;', ' begin;'),
      /field start is missing; found: .*begin/,
    ],
    [
      'a start of 4 bytes',
      (text: string) => text.replace(/(start;.*size:)8/, '$14'),
      /start has 4 bytes, expected 8/,
    ],
    [
      'a field twice',
      (text: string) => text.replace(' end;', ' start;'),
      /start is described twice/,
    ],
    [
      'a field without a size',
      (text: string) => text.replace(/(start;.*)size:8;/, '$1'),
      /expected "field:TYPE NAME/,
    ],
  ])('with %s is refused, naming the file', (_, change, message) => {
    const parse = () =>
      computeAggregatedLayout(parseEventFormat(change(AGGREGATED_FORMAT), PATH), PATH);
    expect(parse).toThrow(message);
    expect(parse).toThrow(/understand \/t\/format/);
  });
});

describe('format of pages', () => {
  test.each(['6.12', '7.2'] as const)('of %s gives head and data', (version) => {
    expect(parsePageFormat(readTraceFile(version, 'header_page'), PATH)).toEqual({
      timestampOffset: 0,
      commitOffset: 8,
      commitSize: 8,
      dataOffset: 16,
      dataSize: 4080,
    });
  });

  test('of a larger sub-buffer tells its size', () => {
    expect(parsePageFormat(pageFormatText(65536), PATH).dataSize).toBe(65520);
  });

  test.each([
    ['no commit word', (text: string) => text.replace('commit', 'other')],
    ['no time stamp', (text: string) => text.replace('timestamp', 'other')],
    ['no data', (text: string) => text.replace(' data;', ' rest;')],
    ['data over the head', (text: string) => text.replace('offset:16', 'offset:12')],
    ['data of no length', (text: string) => text.replace('size:4080', 'size:0')],
    ['data of absurd length', (text: string) => text.replace('size:4080', 'size:999999999')],
  ])('with %s is refused', (_, change) => {
    expect(() => parsePageFormat(change(pageFormatText()), PATH)).toThrow(/understand \/t\/format/);
  });
});
