import { expect, test } from 'vitest';
import { formatTable } from '../../src/cli/textTable.ts';

test('texts stand to the left, numbers and their units to the right', () => {
  const rows = [
    ['database', '7', '1.000 GiB'],
    ['web', '1234', '-'],
  ];
  expect(formatTable(['NAME', 'PID', 'SIZE'], rows)).toBe(
    [
      'NAME       PID       SIZE',
      'database     7  1.000 GiB',
      'web       1234          -',
      '',
    ].join('\n'),
  );
});

test('one text among numbers makes the column one of texts', () => {
  expect(formatTable(['A', 'B'], [['1', 'x'], ['none', 'y']])).toBe('A     B\n1     x\nnone  y\n'); // prettier-ignore
});

test('a line ends with its last character', () => {
  expect(formatTable(['NAME', 'NOTE'], [['a', ''], ['b', 'long note']])).toBe('NAME  NOTE\na\nb     long note\n'); // prettier-ignore
});

test('without rows the headings are there', () => {
  expect(formatTable(['NAME', 'PID'], [])).toBe('NAME  PID\n');
});
