import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createReport } from './report.ts';

/** What the other jobs build upon. */
const workload = spawnSync('/workloads/hot', ['1', '2', '1'], { encoding: 'utf8' });
createReport()({
  release: readFileSync('/proc/sys/kernel/osrelease', 'utf8').trim(),
  hasDamon: existsSync('/sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds'),
  hasTracefs: existsSync('/sys/kernel/tracing/events/damon/damon_aggregated/format'),
  workload: workload.stdout,
});
