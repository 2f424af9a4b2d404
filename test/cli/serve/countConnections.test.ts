import { expect, test } from 'vitest';
import { countConnections } from '../../../src/cli/serve/countConnections.ts';

test.each([
  { fdLimit: Infinity, nrServers: 1, expected: 512 },
  { fdLimit: 1024, nrServers: 1, expected: 512 },
  { fdLimit: 1024, nrServers: 2, expected: 480 },
  { fdLimit: 100, nrServers: 1, expected: 36 },
  { fdLimit: 32, nrServers: 1, expected: 4 },
])(
  'of $fdLimit descriptors $nrServers servers take $expected connections each',
  ({ fdLimit, nrServers, expected }) => {
    expect(countConnections(nrServers, fdLimit)).toBe(expected);
  },
);

test('the limit of this process is known', () => {
  expect(countConnections(1)).toBeGreaterThanOrEqual(4);
});
