import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import {
  buildDashboard,
  commonVariables,
  headroomVariable,
  hostVariable,
  labelVariable,
} from './frame.ts';
import { ACCESS, CELLS, COLD, WORKING_SET } from './hostMemory.ts';
import { DAMON_STAT, QUALITY, SUMMARY } from './hostMonitoring.ts';
import { SIZING } from './hostSizing.ts';
import { HOSTS, KDAMOND } from './query.ts';

/** One host, seen by one of its kdamonds: two may watch the same memory, so that they do not add up. */
export function buildHostDashboard(): Dashboard {
  return buildDashboard({
    uid: 'damon-host',
    title: 'DAMON / Host',
    description: 'Working set, cold memory and heat of one host, as one of its kdamonds sees them.',
    variables: [
      ...commonVariables(),
      hostVariable(true),
      labelVariable({
        name: 'kdamond',
        label: 'kdamond',
        metric: `damon_kdamond_running{${HOSTS}}`,
        isSingle: true,
      }),
      labelVariable({ name: 'target', label: 'Target', metric: `damon_target_info{${KDAMOND}}` }),
      headroomVariable(),
    ],
    rows: [SUMMARY, WORKING_SET, COLD, ACCESS, SIZING, QUALITY, CELLS, DAMON_STAT],
  });
}
