import type { RecordingArguments } from '../../src/cli/record/recordingArguments.ts';

/** What yargs makes of `record` without any option, but for the simulated kernel. */
export const RECORDING_ARGUMENTS: RecordingArguments = {
  out: './damon.data',
  output_permission: '600',
  output_type: 'damon-exporter',
  quiet: false,
  'dry-run': false,
  source: 'simulator',
  'state.file': '/run/damon-exporter/state.json',
  'collect.sysfs-interval': '1s',
  'trace.buffer-size': '512K',
  'log.level': 'warn',
  'log.format': 'logfmt',
  'path.procfs': '/proc',
  'path.boot': '/boot',
  'simulator.speed': 1,
  'simulator.seed': 1,
  'simulator.kernel': '7.2',
  'simulator.source': 'auto',
};
