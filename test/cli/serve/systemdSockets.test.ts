import { expect, test } from 'vitest';
import { UsageError } from '../../../src/base/errors.ts';
import { findSystemdSockets } from '../../../src/cli/serve/systemdSockets.ts';

test.each([
  [{}, 'found no LISTEN_PID and LISTEN_FDS'],
  [{ LISTEN_FDS: '1' }, 'found no LISTEN_PID and LISTEN_FDS'],
  [{ LISTEN_PID: '8', LISTEN_FDS: '1' }, 'LISTEN_PID is 8, and this process 7'],
  [{ LISTEN_PID: '7', LISTEN_FDS: '0' }, 'LISTEN_FDS is "0", not 1 to 64'],
  [{ LISTEN_PID: '7', LISTEN_FDS: '-1' }, 'LISTEN_FDS is "-1", not 1 to 64'],
  [{ LISTEN_PID: '7', LISTEN_FDS: '65' }, 'LISTEN_FDS is "65", not 1 to 64'],
  [{ LISTEN_PID: '7', LISTEN_FDS: '64' }, /descriptor \d+ is no socket/],
])('%j is refused', (env, message) => {
  expect(() => findSystemdSockets(env, 7)).toThrow(UsageError);
  expect(() => findSystemdSockets(env, 7)).toThrow(message);
});
