import type { QuotaGoalSpec, QuotasSpec } from '../damon/spec.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, Labels, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { perScheme, SCHEME_ABSENT, SCHEME_LABELS } from './observedParts.ts';

/** What the kernel takes for no limit gives no series. */
function unlessZero(value: bigint, toUnit: (value: bigint) => number | bigint) {
  return value === 0n ? undefined : toUnit(value);
}

function msToSeconds(ms: bigint): number {
  return Number(ms) / 1000;
}

function hasQuota({ timeMs, sizeBytes, goals }: QuotasSpec): boolean {
  return timeMs !== 0n || sizeBytes !== 0n || (goals ?? []).length > 0;
}

/** Before 6.9 the only metric there was. */
const USER_INPUT = 'user_input';

function goalPoints(
  selectValue: (goal: QuotaGoalSpec) => bigint | undefined,
): (input: MetricsInput) => ScalarPoint[] {
  return perScheme(({ labels, scheme }) =>
    (scheme.quotas.goals ?? []).flatMap((goal, index) => {
      const node: Labels = goal.nid === undefined ? {} : { nid: String(goal.nid) };
      const goalLabels = { goal: String(index), metric: goal.metric ?? USER_INPUT, ...node };
      return pointIfKnown({ ...labels, ...goalLabels }, selectValue(goal));
    }),
  );
}

const GOAL_LABELS = [...SCHEME_LABELS, 'goal', 'metric', 'nid'];

/** What holds schemes back, and what tunes that. */
export const QUOTA_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_scheme_quota_size_bytes',
    otelName: 'damon.scheme.quota_size',
    unit: 'By',
    kind: 'gauge',
    help: 'Most bytes the action may be tried on in each reset interval; no series without a limit.',
    kernelSource: 'schemes/<N>/quotas/bytes',
    absent: 'without a limit of size',
    example: {
      answers: 'Most bytes per second.',
      query: 'damon_scheme_quota_size_bytes / damon_scheme_quota_reset_interval_seconds',
    },
    labels: SCHEME_LABELS,
    computePoints: perScheme(({ labels, scheme: { quotas } }) =>
      pointIfKnown(
        labels,
        unlessZero(quotas.sizeBytes, (bytes) => bytes),
      ),
    ),
  },
  {
    name: 'damon_scheme_quota_time_seconds',
    otelName: 'damon.scheme.quota_time',
    unit: 's',
    kind: 'gauge',
    help: 'Most time the action may take in each reset interval; no series without a limit.',
    kernelSource: 'schemes/<N>/quotas/ms',
    absent: 'without a limit of time',
    example: {
      answers: 'Share of the time that the action may take.',
      query: 'damon_scheme_quota_time_seconds / damon_scheme_quota_reset_interval_seconds',
    },
    labels: SCHEME_LABELS,
    computePoints: perScheme(({ labels, scheme: { quotas } }) =>
      pointIfKnown(labels, unlessZero(quotas.timeMs, msToSeconds)),
    ),
  },
  {
    name: 'damon_scheme_quota_reset_interval_seconds',
    otelName: 'damon.scheme.quota_reset_interval',
    unit: 's',
    kind: 'gauge',
    help: 'Time after which a used up quota is whole again; no series without a quota.',
    kernelSource: 'schemes/<N>/quotas/reset_interval_ms',
    absent: 'without a quota',
    example: {
      answers: 'Most bytes per second, whatever sets the limit.',
      query: 'damon_scheme_effective_quota_bytes / damon_scheme_quota_reset_interval_seconds',
    },
    labels: SCHEME_LABELS,
    computePoints: perScheme(({ labels, scheme: { quotas } }) =>
      hasQuota(quotas) ? [{ labels, value: msToSeconds(quotas.resetIntervalMs) }] : [],
    ),
  },
  {
    name: 'damon_scheme_effective_quota_bytes',
    otelName: 'damon.scheme.effective_quota',
    unit: 'By',
    kind: 'gauge',
    help: 'Size quota in force, from size, time and goals together; 0 without a quota (6.9).',
    kernelSource: 'schemes/<N>/quotas/effective_bytes',
    absent: `${SCHEME_ABSENT}, and before Linux 6.9`,
    example: {
      answers: 'How much of the limit of size the limit of time and the goals leave.',
      query: 'damon_scheme_effective_quota_bytes / damon_scheme_quota_size_bytes',
    },
    labels: SCHEME_LABELS,
    computePoints: perScheme(({ labels, scheme }) =>
      pointIfKnown(labels, scheme.effectiveQuotaBytes),
    ),
  },
  {
    name: 'damon_scheme_quota_goal_target',
    otelName: 'damon.scheme.quota_goal_target',
    unit: '{value}',
    kind: 'gauge',
    help: 'Value of its metric that tuning the quota aims at: 1/10,000 (…_bp), microseconds (…_us) or what the user feeds (6.8).',
    kernelSource: 'schemes/<N>/quotas/goals/<G>/target_value',
    absent: 'without goals, and before Linux 6.8',
    example: {
      answers: 'How near what the user feeds is to its goal.',
      query: 'damon_scheme_quota_goal_current / damon_scheme_quota_goal_target',
    },
    labels: GOAL_LABELS,
    computePoints: goalPoints(({ targetValue }) => targetValue),
  },
  {
    name: 'damon_scheme_quota_goal_current',
    otelName: 'damon.scheme.quota_goal_current',
    unit: '{value}',
    kind: 'gauge',
    help: 'Value the user feeds for a goal with the metric user_input; the kernel does not tell those it measures (6.8).',
    kernelSource: 'schemes/<N>/quotas/goals/<G>/current_value',
    absent: 'for goals whose metric the kernel measures, and before Linux 6.8',
    example: {
      answers: 'How far what the user feeds is from its goal.',
      query: 'damon_scheme_quota_goal_target - damon_scheme_quota_goal_current',
    },
    labels: GOAL_LABELS,
    computePoints: goalPoints(({ metric, currentValue }) =>
      (metric ?? USER_INPUT) === USER_INPUT ? currentValue : undefined,
    ),
  },
];
