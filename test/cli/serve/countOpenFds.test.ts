import { closeSync, openSync, readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { countOpenFds } from '../../../src/cli/serve/countOpenFds.ts';

test('each open file counts, and what it takes to count does not', () => {
  const before = countOpenFds();
  // The listing has an open file of its own.
  expect(before).toBe(readdirSync('/proc/self/fd').length - 1);
  const fd = openSync('/dev/null', 'r');
  expect(countOpenFds()).toBe((before ?? 0) + 1);
  closeSync(fd);
  expect(countOpenFds()).toBe(before);
});
