import { BY_TARGET } from './rule.ts';
import type { RecordingRule, Timed } from './rule.ts';

/** Mean working set of a target over 5 minutes. */
export const MEAN_WSS = 'target:damon_wss_bytes:mean5m';

/** What alerts look back on. */
export function buildRecordingRules(timed: Timed): readonly RecordingRule[] {
  const range = timed('5m');
  return [
    {
      record: MEAN_WSS,
      // Every aggregation counts, not only those a scrape happened to see. The command makes a series
      // of its own of each program that is monitored under the same number one after another.
      expr: `(
    rate(damon_wss_distribution_bytes_sum[${range}])
  /
    (rate(damon_wss_distribution_bytes_count[${range}]) > 0)
)
* on (${BY_TARGET}) group_left (command)
  damon_target_info`,
    },
  ];
}
