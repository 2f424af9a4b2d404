import type { Action, SchemeSpec } from '../damon/spec.ts';

/** Takes memory away from who uses it, or moves it: a mistake is felt. */
const HURTING_ACTIONS: ReadonlySet<Action> = new Set([
  'pageout',
  'cold',
  'migrate_hot',
  'migrate_cold',
]);

function hasQuota({ quotas }: SchemeSpec): boolean {
  return quotas.timeMs > 0n || quotas.sizeBytes > 0n;
}

/**
 * Whether a scheme could do harm without any bound: neither a quota says how much, nor do watermarks
 * say when. A goal alone is no bound: it makes a quota as large as it takes.
 */
export function isUnbounded(scheme: SchemeSpec): boolean {
  return (
    HURTING_ACTIONS.has(scheme.action) && !hasQuota(scheme) && scheme.watermarks.metric === 'none'
  );
}
