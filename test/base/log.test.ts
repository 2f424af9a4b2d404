import { expect, test } from 'vitest';
import type { Clock } from '../../src/base/clock.ts';
import { createLogger } from '../../src/base/log.ts';

const clock: Clock = { monotonicNs: () => 0n, wallMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) };

function logged(format: 'logfmt' | 'json'): string {
  let text = '';
  const logger = createLogger({ level: 'info', format, clock, write: (line) => (text += line) });
  logger.debug('not shown');
  logger.warn('read failed', { path: '/a b', bytes: 5n, errno: undefined, note: 'x="1"\ny' });
  return text;
}

test('logfmt quotes what needs quoting and stays on one line', () => {
  expect(logged('logfmt')).toBe(
    'time=2026-01-02T03:04:05.006Z level=warn msg="read failed" path="/a b" bytes=5 note="x=\\"1\\"\\ny"\n',
  );
});

test('JSON carries 64-bit values as text', () => {
  expect(JSON.parse(logged('json'))).toEqual({
    time: '2026-01-02T03:04:05.006Z',
    level: 'warn',
    msg: 'read failed',
    path: '/a b',
    bytes: '5',
    note: 'x="1"\ny',
  });
});
