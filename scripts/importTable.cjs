/** Who may import whom below src/. ARCHITECTURE.md shows the same table; a test compares the two. */
module.exports = {
  base: [],
  damon: ['base'],
  kernel: ['base', 'damon'],
  simulator: ['base', 'damon', 'kernel'],
  reconcile: ['base', 'damon', 'kernel'],
  collect: ['base', 'damon', 'kernel'],
  record: ['base', 'damon'],
  metrics: ['base', 'damon'],
  server: ['base', 'damon', 'metrics'],
  cli: [
    'base',
    'damon',
    'kernel',
    'simulator',
    'reconcile',
    'collect',
    'record',
    'metrics',
    'server',
  ],
};
