import { parseWord } from '../../base/words.ts';
import { goalValueParser } from '../../config/damo/decodeQuotas.ts';
import { parseUint32 } from '../../config/damo/quantities.ts';
import { GOAL_METRICS, isMemcgMetric, isNodeMetric } from '../../damon/goalMetrics.ts';
import type { QuotaGoalSpec } from '../../damon/spec.ts';
import type { Taken } from './takeFilter.ts';

const WHAT = '--damos_quota_goal';

/** What follows the metric. The kernel measures all metrics but the one users feed. */
function listArguments(metric: string): readonly string[] {
  if (metric === 'user_input') return ['TARGET', 'CURRENT'];
  if (isMemcgMetric(metric)) return ['TARGET', 'NID', 'MEMCG'];
  return isNodeMetric(metric) ? ['TARGET', 'NID'] : ['TARGET'];
}

/**
 * One goal: a metric and what that metric needs.
 *
 * @throws RangeError naming the option.
 */
export function takeGoal(words: readonly string[]): Taken<QuotaGoalSpec> {
  const [word = '', target = '', second = '', path = ''] = words;
  const metric = parseWord(word, GOAL_METRICS, WHAT);
  const needed = listArguments(metric);
  if (words.length <= needed.length) {
    throw new RangeError(
      `${WHAT}: found "${words.join(' ')}", expected ${metric} ${needed.join(' ')}`,
    );
  }
  const parseValue = goalValueParser(metric);
  return {
    value: {
      metric,
      ...(isNodeMetric(metric) && { nid: parseUint32(second, WHAT) }),
      ...(isMemcgMetric(metric) && { path }),
      targetValue: parseValue(target, WHAT),
      currentValue: metric === 'user_input' ? parseValue(second, WHAT) : 0n,
    },
    nrWords: needed.length + 1,
  };
}
