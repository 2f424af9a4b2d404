import type { Row } from './frame.ts';
import { seriesPanel } from './panels.ts';
import { HOSTS } from './query.ts';

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

/** What the kernel's own modules with schemes do. */
export const MODULES: readonly Row[] = [
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
];
