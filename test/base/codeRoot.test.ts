import { expect, test } from 'vitest';
import { findCodeRoot } from '../../src/base/codeRoot.ts';

test.each([
  ['/home/a/exporter/src/base', '/home/a/exporter/src'],
  ['/home/a/exporter/src', '/home/a/exporter/src'],
  ['/usr/src/exporter/src/report/picture', '/usr/src/exporter/src'],
  ['/usr/lib/node_modules/damon-exporter/dist/chunks', '/usr/lib/node_modules/damon-exporter/dist'],
  ['/dist/distribution/dist/cli', '/dist/distribution/dist'],
])('of %s is %s', (moduleDir, root) => {
  expect(findCodeRoot(moduleDir)).toBe(root);
});

test('is nowhere outside of the package', () => {
  expect(() => findCodeRoot('/srcs/distance')).toThrow('no folder of code above /srcs/distance');
});
