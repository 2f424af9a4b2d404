/** What labels say, in the order in which they are explained. */
export const LABEL_MEANINGS: Readonly<Record<string, string>> = {
  kdamond:
    "Kernel thread: its index below `/sys/kernel/mm/damon/admin/kdamonds`, or the module's name (`damon_stat`, …)",
  context: 'Index of the context in its kdamond; today every kdamond has one, 0',
  target: 'Index of the target in its context, from 0; physical memory is one target',
  scheme:
    'Index of the DAMOS scheme in its context, or its name in the configuration file; of DAMON_LRU_SORT `hot` or `cold`',
  owner:
    'Who started the kdamond: `own` (this exporter), `sysfs` (anybody else there), or a module',
  operations: '`vaddr`, `fvaddr` or `paddr`',
  addr_unit: 'Bytes per address unit, where the kernel has them (6.18)',
  bound: '`min` or `max`',
  command: 'Name of the monitored program; empty for physical memory',
  percentile: 'From 0 to 100',
  idle: 'Least time without an access, as in `--metrics.cold-ages`: `30s`, `2m`, …',
  name: 'Of the kdamond in the configuration file',
  layout: 'Which cells: another one each time they are laid anew',
  cell: 'Number of the cell, by address, in four digits',
  start: 'First byte of the cell, hexadecimal',
  end: 'First byte after the cell, hexadecimal',
  action: 'What the scheme does: `pageout`, `stat`, …',
  goal: 'Index of the goal in its scheme',
  metric: 'What a goal or watermarks measure, in the words of the kernel',
  nid: 'NUMA node of a goal, where its metric has one',
  result: '`success` or `failure`',
  source: '`trace`, `sysfs` or `damon_stat`',
  part: 'Part of the collecting: `sysfs`, `modules`, `processes`, `source_trace`, …',
  version: 'Of the exporter',
  revision: 'Commit the exporter was built from',
  nodeversion: 'Of Node.js',
  family: 'Name of the metric family',
  reason: '`limit` (too many series in the family) or `duplicate`',
};
