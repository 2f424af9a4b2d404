import { expect, test } from 'vitest';
import { KernelError } from '../../../src/base/errors.ts';
import { computeInstanceId } from '../../../src/cli/serve/instanceId.ts';

function bootedAs(bootId: string): { readText: () => string } {
  return { readText: () => `${bootId}\n` };
}

test('it stays as long as boot and names do', () => {
  const id = computeInstanceId(bootedAs('a'), ['host', ':1']);
  expect(id).toMatch(/^[\da-f]{8}-[\da-f]{4}-5[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  expect(computeInstanceId(bootedAs('a'), ['host', ':1'])).toBe(id);
  expect(computeInstanceId(bootedAs('b'), ['host', ':1'])).not.toBe(id);
  expect(computeInstanceId(bootedAs('a'), ['host', ':2'])).not.toBe(id);
});

test('it is the UUID of version 5 of these names', () => {
  // python3 -c 'import uuid; print(uuid.uuid5(uuid.UUID("4d63009a-8d0f-11ee-aad7-4c796ed8e320"), "a\0b"))'
  expect(computeInstanceId(bootedAs('a'), ['b'])).toBe('98f74bc9-30de-54f9-a36f-74bba1302af4');
});

test('where the boot is not told, it is a new one', () => {
  const readText = (): string => {
    throw new KernelError({ operation: 'read', path: '/proc/x', errno: 'ENOENT' });
  };
  const ids = [computeInstanceId({ readText }, []), computeInstanceId({ readText }, [])];
  expect(new Set(ids).size).toBe(2);
});
