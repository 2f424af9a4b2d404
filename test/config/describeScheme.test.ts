import { expect, test } from 'vitest';
import { describeScheme } from '../../src/config/describeScheme.ts';
import { saySize, sayTime } from '../../src/config/words.ts';
import { parseContext } from '../support/damosArguments.ts';

/** As damo's options say it, with intervals of 5 ms and 100 ms. */
function describeOptions(line: string): string {
  const { schemes, intervals } = parseContext(`paddr ${line}`);
  return describeScheme(schemes[0]!, intervals);
}

const IDLE = '--damos_access_rate 0% 0% --damos_age 2m max';

test.each([
  [
    `--damos_action pageout ${IDLE} --damos_quotas 0 128M 1s --damos_wmarks free_mem_rate 5s 500 500 200`,
    'pages out at most 128 MiB/s of memory idle for 2 min or more, only while free memory is between 20 % and 50 %',
  ],
  [
    '--damos_action hugepage --damos_sz_region 2M max --damos_access_rate 90% 100% --damos_age 100ms max',
    'asks for huge pages for memory accessed in 90 % or more of samples that has been so for 100 ms or more in regions of 2 MiB or more',
  ],
  ['--damos_action stat', 'counts all memory'],
  [
    '--damos_action lru_prio --damos_access_rate 50% 100% --damos_quotas 10ms 0 2s --damos_apply_interval 500ms',
    'moves memory accessed in 50 % or more of samples to the hot end of the LRU lists, spending at most 10 ms per 2 s on it, every 500 ms',
  ],
  [
    '--damos_action migrate_cold 1 --damos_access_rate 0% 10% --damos_sz_region 4K 2M --damos_quotas 0 1G',
    'migrates at most 1 GiB once and for all of memory accessed in up to 10 % of samples in regions of up to 2 MiB to NUMA node 1',
  ],
  [
    '--damos_action migrate_hot 0 3 1 1 --damos_access_rate 10% 20% --damos_age 1s 5s',
    'migrates memory accessed in 10 % to 20 % of samples that has been so for 1 s to 5 s to NUMA nodes 0 (weight 3) and 1 (weight 1)',
  ],
  [
    `--damos_action pageout ${IDLE} --damos_quotas 0 1M 1s --damos_quota_goal some_mem_psi_us 1ms --damos_wmarks free_mem_rate 5s 500 400 50`,
    'pages out at most 1 MiB/s of memory idle for 2 min or more, as much as it takes until some_mem_psi_us is 1 ms, only while free memory is between 5 % and 50 % (beginning below 40 %)',
  ],
  [
    '--damos_action stat --damos_filter allow anon --damos_filter reject none memcg /web',
    'counts all memory; the first that fits decides: lets through anonymous memory, then leaves out all but memory of control group /web',
  ],
  [
    '--damos_action cold --damos_age 5 max --damos_max_nr_snapshots 3 --damos_filter reject addr 4096 8192',
    /^marks memory .* as first to be reclaimed, until it has seen 3 snapshots; leaves out addresses 4096 to 8192$/,
  ],
])('%s', (line, text) => {
  const found = describeOptions(line.replace('--damos_age 5 ', '--damos_age 5s '));
  if (typeof text === 'string') expect(found).toBe(text);
  else expect(found).toMatch(text);
});

test.each([
  [0n, '0 B'],
  [512n, '512 B'],
  [1024n, '1 KiB'],
  [1536n, '1.5 KiB'],
  [1n << 20n, '1 MiB'],
  [100n << 20n, '100 MiB'],
  [1n << 40n, '1 TiB'],
  [0xffff_ffff_ffff_ffffn, 'max'],
])('%d bytes are %s', (bytes, text) => {
  expect(saySize(bytes)).toBe(text);
});

test.each([
  [0n, '0 us'],
  [5n, '5 us'],
  [5000n, '5 ms'],
  [90_000_000n, '90 s'],
  [120_000_000n, '2 min'],
  [7_200_000_000n, '2 h'],
])('%d microseconds are %s', (us, text) => {
  expect(sayTime(us)).toBe(text);
});
