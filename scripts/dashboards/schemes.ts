import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { buildDashboard, commonVariables, hostVariable, labelVariable } from './frame.ts';
import type { Row } from './frame.ts';
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
      width: 8,
      queries: ['tried', 'applied'].map((what) => ({
        expr: withAction(rateOf(`${what}_regions`)),
        legend: `${LEGEND} ${what}`,
      })),
    }),
    seriesPanel({
      title: 'Passed by filters of the operations set',
      description: 'Bytes per second that such filters let through (Linux 6.14 and later).',
      unit: 'binBps',
      width: 8,
      queries: [{ expr: withAction(rateOf('ops_filter_passed_bytes')), legend: LEGEND }],
    }),
    seriesPanel({
      title: 'Walks',
      description: 'How often per second the scheme went over all regions (Linux 7.0 and later).',
      unit: 'ops',
      width: 8,
      queries: [{ expr: withAction(rateOf('snapshots')), legend: LEGEND }],
    }),
  ],
};

const QUOTAS: Row = {
  title: 'Quotas',
  panels: [
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
    seriesPanel({
      title: 'Quota exceeded',
      description: 'How often per second the quota kept the scheme from doing more.',
      unit: 'ops',
      width: 12,
      alert: 'DamonSchemeQuotaExceeded',
      queries: [{ expr: withAction(rateOf('quota_exceeded')), legend: LEGEND }],
    }),
  ],
};

interface Module {
  readonly prefix: string;
  readonly title: string;
  /** The word in counters of what succeeded. */
  readonly done: string;
  readonly legend: string;
}

function moduleRow({ prefix, title, done, legend }: Module): Row {
  const rate = (counter: string): string =>
    `rate(${prefix}_${counter}_total{${HOSTS}}[$__rate_interval])`;
  return {
    title,
    isCollapsed: true,
    panels: [
      seriesPanel({
        title: `${title}: bytes`,
        description: 'Bytes per second that the module tried, and those it succeeded with.',
        unit: 'binBps',
        width: 10,
        queries: ['tried', done].map((what) => ({
          expr: rate(`${what}_bytes`),
          legend: `${legend} ${what}`,
        })),
      }),
      seriesPanel({
        title: `${title}: quota exceeded`,
        description: 'How often per second the quota kept the module from doing more.',
        unit: 'ops',
        width: 8,
        queries: [{ expr: rate('quota_exceeded'), legend }],
      }),
      seriesPanel({
        title: `${title}: switched on`,
        description: 'Whether the module is switched on: 1 or 0.',
        unit: 'none',
        width: 6,
        queries: [{ expr: `${prefix}_enabled{${HOSTS}}`, legend: '{{instance}}' }],
      }),
    ],
  };
}

/** What DAMOS schemes and the kernel's own modules do. */
export function buildSchemesDashboard(): Dashboard {
  return buildDashboard({
    uid: 'damon-schemes',
    title: 'DAMON / Schemes',
    description:
      'DAMOS schemes with their quotas, and the modules DAMON_RECLAIM and DAMON_LRU_SORT.',
    variables: [
      ...commonVariables(),
      hostVariable(false),
      labelVariable({ name: 'kdamond', label: 'kdamond', metric: `damon_scheme_info{${HOSTS}}` }),
      labelVariable({ name: 'scheme', label: 'Scheme', metric: `damon_scheme_info{${KDAMOND}}` }),
    ],
    rows: [
      OVERVIEW,
      QUOTAS,
      moduleRow({
        prefix: 'damon_reclaim',
        title: 'DAMON_RECLAIM',
        done: 'reclaimed',
        legend: '{{instance}}',
      }),
      moduleRow({
        prefix: 'damon_lru_sort',
        title: 'DAMON_LRU_SORT',
        done: 'sorted',
        legend: '{{instance}} {{scheme}}',
      }),
    ],
  });
}
