import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildDashboard, commonVariables, hostVariable, labelVariable } from './frame.ts';
import type { Row } from './frame.ts';
import { MODULES } from './modules.ts';
import { seriesPanel, tablePanel } from './panels.ts';
import { HOSTS, KDAMOND } from './query.ts';

const SCHEMES = `${KDAMOND},scheme=~"$scheme"`;
const BY_SCHEME = 'cluster, job, instance, kdamond, context, scheme';
const LEGEND = '{{instance}} {{kdamond}}/{{scheme}} {{action}}';

/** Adds the label `action` to series of schemes. */
function withAction(expr: string): string {
  return `${expr}\n* on (${BY_SCHEME}) group_left (action) damon_scheme_info`;
}

function rateOf(counter: string): string {
  return `rate(damon_scheme_${counter}_total{${SCHEMES}}[$__rate_interval])`;
}

const OVERVIEW: Row = {
  title: 'Schemes',
  panels: [
    tablePanel(
      {
        title: 'Schemes',
        description:
          'What each scheme did over the time shown: bytes that matched and were tried, bytes the action was applied to, how often the quota ended.',
        unit: 'bytes',
        width: 24,
        alert: 'DamonSchemeNoProgress',
        queries: [
          {
            expr: withAction(`increase(damon_scheme_tried_bytes_total{${SCHEMES}}[$__range])`),
          },
          {
            expr: withAction(`increase(damon_scheme_applied_bytes_total{${SCHEMES}}[$__range])`),
          },
          {
            expr: withAction(`increase(damon_scheme_quota_exceeded_total{${SCHEMES}}[$__range])`),
          },
          { expr: withAction(`damon_scheme_effective_quota_bytes{${SCHEMES}}`) },
        ],
      },
      {
        columns: {
          instance: 'Host',
          kdamond: 'kdamond',
          scheme: 'Scheme',
          action: 'Action',
          'Value #A': 'Tried',
          'Value #B': 'Applied',
          'Value #C': 'Quota exceeded',
          'Value #D': 'Quota',
        },
        units: { 'Quota exceeded': 'short' },
      },
    ),
    seriesPanel({
      title: 'Tried',
      description: 'Bytes per second in regions that matched the access pattern and were tried.',
      unit: 'binBps',
      width: 8,
      queries: [{ expr: withAction(rateOf('tried_bytes')), legend: LEGEND }],
    }),
    seriesPanel({
      title: 'Applied',
      description:
        'Bytes per second to which the action was applied. 0 for `stat`, which only counts what it tries.',
      unit: 'binBps',
      width: 8,
      alert: 'DamonSchemeNoProgress',
      queries: [{ expr: withAction(rateOf('applied_bytes')), legend: LEGEND }],
    }),
    seriesPanel(
      {
        title: 'Success',
        description: 'Applied bytes as a share of tried bytes.',
        unit: 'percentunit',
        width: 8,
        alert: 'DamonSchemeNoProgress',
        queries: [
          {
            expr: withAction(`${rateOf('applied_bytes')}\n/ (${rateOf('tried_bytes')} > 0)`),
            legend: LEGEND,
          },
        ],
      },
      { isShare: true },
    ),
    seriesPanel({
      title: 'Regions',
      description: 'Regions per second that were tried, and those the action was applied to.',
      unit: 'ops',
      width: 6,
      queries: ['tried', 'applied'].map((what) => ({
        expr: withAction(rateOf(`${what}_regions`)),
        legend: `${LEGEND} ${what}`,
      })),
    }),
    seriesPanel({
      title: 'Passed by filters of the operations set',
      description: 'Bytes per second that such filters let through (Linux 6.14 and later).',
      unit: 'binBps',
      width: 6,
      queries: [{ expr: withAction(rateOf('ops_filter_passed_bytes')), legend: LEGEND }],
    }),
    seriesPanel({
      title: 'Memory left by filters',
      description:
        'Bytes of each walk over all regions that filters of the operations set let through: by scheme, so by control group or kind of memory where each scheme counts one (docs/per-cgroup.md; Linux 7.0 and later).',
      unit: 'bytes',
      width: 6,
      queries: [
        {
          expr: withAction(
            `(${rateOf('ops_filter_passed_bytes')}\n  / (${rateOf('snapshots')} > 0))`,
          ),
          legend: LEGEND,
        },
      ],
    }),
    seriesPanel({
      title: 'Walks',
      description: 'How often per second the scheme went over all regions (Linux 7.0 and later).',
      unit: 'ops',
      width: 6,
      queries: [{ expr: withAction(rateOf('snapshots')), legend: LEGEND }],
    }),
  ],
};

const QUOTAS: Row = {
  title: 'Quotas',
  panels: [
    tablePanel(
      {
        title: 'Quotas',
        description:
          'Most bytes and most time per reset interval; what is empty is not limited. In force is what the kernel makes of size, time and goals together (Linux 6.9 and later).',
        unit: 'bytes',
        width: 14,
        alert: 'DamonSchemeQuotaExceeded',
        queries: [
          'quota_size_bytes',
          'quota_time_seconds',
          'quota_reset_interval_seconds',
          'effective_quota_bytes',
        ].map((what) => ({ expr: withAction(`damon_scheme_${what}{${SCHEMES}}`) })),
      },
      {
        columns: {
          instance: 'Host',
          kdamond: 'kdamond',
          scheme: 'Scheme',
          action: 'Action',
          'Value #A': 'Size',
          'Value #B': 'Time',
          'Value #C': 'Reset interval',
          'Value #D': 'In force',
        },
        units: { Time: 's', 'Reset interval': 's' },
      },
    ),
    tablePanel(
      {
        title: 'Goals',
        description:
          'What the kernel tunes quotas for: the value the metric is to have, and where the user feeds the metric what it has (Linux 6.8 and later). Those that the kernel measures it does not tell.',
        unit: 'none',
        width: 10,
        queries: ['target', 'current'].map((what) => ({
          expr: `damon_scheme_quota_goal_${what}{${SCHEMES}}`,
        })),
      },
      {
        columns: {
          instance: 'Host',
          kdamond: 'kdamond',
          scheme: 'Scheme',
          metric: 'Metric',
          nid: 'Node',
          'Value #A': 'Target',
          'Value #B': 'Current',
        },
      },
    ),
    seriesPanel({
      title: 'Quota in force',
      description:
        'Most bytes per window, from size, time and goals together; 0: no quota (Linux 6.9 and later).',
      unit: 'bytes',
      width: 12,
      queries: [
        { expr: withAction(`damon_scheme_effective_quota_bytes{${SCHEMES}}`), legend: LEGEND },
      ],
    }),
    seriesPanel(
      {
        title: 'Quota windows used up',
        description:
          'Share of the reset intervals in which the quota kept the scheme from doing more.',
        unit: 'percentunit',
        width: 12,
        alert: 'DamonSchemeQuotaExceeded',
        queries: [
          {
            expr: withAction(
              `(${rateOf('quota_exceeded')}\n  * damon_scheme_quota_reset_interval_seconds{${SCHEMES}})`,
            ),
            legend: LEGEND,
          },
        ],
      },
      { isShare: true },
    ),
  ],
};

const MARKS = ['high', 'mid', 'low'] as const;

const WATERMARKS: Row = {
  title: 'Watermarks',
  panels: [
    seriesPanel({
      title: 'Free memory and watermarks',
      description:
        'A scheme rests while free memory is above high or below low, and begins again below mid.',
      unit: 'percentunit',
      width: 12,
      queries: [
        { expr: `damon_memory_free_ratio{${HOSTS}}`, legend: '{{instance}} free memory' },
        ...MARKS.map((mark) => ({
          expr: withAction(`damon_scheme_watermark_${mark}_ratio{${SCHEMES}}`),
          legend: `${LEGEND} ${mark}`,
        })),
      ],
    }),
    seriesPanel(
      {
        title: 'Let work by its watermarks',
        description:
          'Whether the watermarks let the scheme work: 1 or 0, and 1 for a scheme without. The kernel does not tell; it is computed as the kernel does.',
        unit: 'none',
        width: 12,
        alert: 'DamonSnapshotStale',
        queries: [
          { expr: withAction(`damon_scheme_watermark_active{${SCHEMES}}`), legend: LEGEND },
        ],
      },
      { isShare: true },
    ),
  ],
};

/** What DAMOS schemes and the kernel's own modules do. */
export function buildSchemesDashboard(): Dashboard {
  return buildDashboard({
    uid: 'damon-schemes',
    title: 'DAMON / Schemes',
    description:
      'DAMOS schemes with their quotas and watermarks, and the modules DAMON_RECLAIM and DAMON_LRU_SORT.',
    variables: [
      ...commonVariables(),
      hostVariable(false),
      labelVariable({ name: 'kdamond', label: 'kdamond', metric: `damon_scheme_info{${HOSTS}}` }),
      labelVariable({ name: 'scheme', label: 'Scheme', metric: `damon_scheme_info{${KDAMOND}}` }),
    ],
    rows: [
      OVERVIEW,
      QUOTAS,
      WATERMARKS,
      ...MODULES,
    ],
  });
}
