import { describe, expect, test } from 'vitest';
import { describeErrno } from '../../src/kernel/errnoHint.ts';

const STATE = '/sys/kernel/mm/damon/admin/kdamonds/0/state';
const SCHEME = 'sys/kernel/mm/damon/admin/kdamonds/3/contexts/0/schemes/1';

describe('what an errno means', () => {
  test.each([
    ['EACCES', { operation: 'read', path: STATE }, /CAP_DAC_READ_SEARCH/],
    ['EPERM', { operation: 'list', path: '/x' }, /CAP_DAC_READ_SEARCH/],
    ['EACCES', { operation: 'write', path: STATE, value: 'on' }, /CAP_DAC_OVERRIDE/],
    ['EPERM', { operation: 'write', path: STATE, value: 'off' }, /off already/],
    ['EROFS', { operation: 'write', path: STATE, value: 'on' }, /bind-mount/],
    ['EBUSY', { operation: 'write', path: STATE, value: 'on' }, /DAMON_STAT/],
    ['EBUSY', { operation: 'write', path: STATE, value: 'commit' }, /another program waits/],
    ['EBUSY', { operation: 'read', path: '/sys/x/pid' }, /try again/],
    ['EINVAL', { operation: 'write', path: STATE, value: 'on' }, /3 <= min <= max/],
    ['EINVAL', { operation: 'write', path: STATE, value: 'commit' }, /lacks the keyword/],
    ['ENOMEM', { operation: 'write', path: STATE, value: 'on' }, /memcg filter/],
    ['ECANCELED', { operation: 'write', path: STATE, value: 'commit' }, /off, paused/],
    ['EINVAL', { operation: 'write', path: `${SCHEME}/action`, value: 'collapse' }, /Linux 7\.2/],
    ['EINVAL', { operation: 'write', path: `${SCHEME}/action`, value: 'x' }, /not take the value$/],
    ['ENOENT', { operation: 'write', path: `${SCHEME}/dests/nr_dests` }, /Linux 6\.17/],
    ['ENOENT', { operation: 'read', path: '/proc/1' }, /^not there$/],
    ['ERANGE', { operation: 'write', path: `${SCHEME}/quotas/ms`, value: '9' }, /too large/],
  ])('%s on %j', (errno, failed, hint) => {
    expect(describeErrno(errno, failed)).toMatch(hint);
  });

  test('an errno that says it all gets no hint', () => {
    expect(describeErrno('EIO', { operation: 'read', path: '/x' })).toBeUndefined();
  });
});
