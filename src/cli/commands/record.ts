import type { CommandModule } from 'yargs';
import { WRITTEN_FORMATS } from '../../record/write/formats.ts';
import { OWN_KDAMOND_OPTIONS, TRACE_OPTIONS } from '../collecting/collectingOptions.ts';
import { MONITORING_OPTIONS } from '../monitoringOptions.ts';
import { LOG_OPTIONS, PATH_OPTIONS, SIMULATOR_OPTIONS, defineOptions } from '../options.ts';
import { DRY_RUN_OPTION } from '../schemes/changingOptions.ts';
import type { RecordingArguments } from '../record/recordingArguments.ts';

const RECORD_OPTIONS = defineOptions({
  out: {
    alias: 'o',
    type: 'string',
    default: './damon.data',
    describe: 'file to write; one that exists is kept as FILE.old',
    group: 'Output:',
  },
  output_permission: {
    type: 'string',
    default: '600',
    describe: 'permissions of the file, octal',
    group: 'Output:',
  },
  output_type: {
    choices: WRITTEN_FORMATS,
    default: 'damon-exporter',
    describe: 'format of the file; all but the first are made of it at the end',
    group: 'Output:',
  },
  timeout: {
    type: 'string',
    describe: 'end after this long (bare: seconds), and the command with it',
    group: 'Output:',
  },
  quiet: {
    alias: 'q',
    type: 'boolean',
    default: false,
    describe: 'no progress on the terminal and no summary',
    group: 'Output:',
  },
  source: {
    choices: ['auto', 'trace', 'sysfs', 'simulator'],
    default: 'auto',
    describe: 'where snapshots come from; auto takes the first of trace, sysfs that works',
    group: 'Collecting:',
  },
  'collect.sysfs-interval': {
    type: 'string',
    default: '1s',
    describe: 'how often the sysfs source asks the kernel for regions',
    group: 'Collecting:',
  },
});

export const recordCommand: CommandModule<object, RecordingArguments> = {
  command: 'record [target..]',
  describe: 'record the accesses of a command, processes or physical memory to a file',
  builder: (yargs) =>
    yargs
      .positional('target', {
        type: 'string',
        array: true,
        describe:
          'a command in one quoted string, process ids (behind vaddr or fvaddr, too, as with --ops), paddr, or ongoing',
      })
      .options({
        ...RECORD_OPTIONS,
        ...DRY_RUN_OPTION,
        ...TRACE_OPTIONS,
        ...OWN_KDAMOND_OPTIONS,
        ...MONITORING_OPTIONS,
        ...PATH_OPTIONS,
        ...SIMULATOR_OPTIONS,
        ...LOG_OPTIONS,
        'log.level': { ...LOG_OPTIONS['log.level'], default: 'warn' },
      })
      .example('$0 record "sleep 5"', 'run a command and record it to its end')
      .example('$0 record $(pidof mysqld) --timeout 60', 'record a process for a minute')
      .example(
        '$0 record fvaddr 1234 -r 0x10000-0x20000',
        'record these addresses of it, nothing else',
      )
      .example('$0 record paddr', 'record physical memory until ^C')
      .example('$0 record ongoing', 'record what DAMON does already, changing nothing')
      .epilogue(
        'A command runs with the privileges of this program, mostly those of root: let only those use it whom you would let run anything. It is recorded from its very beginning; what it maps is seen from the next update interval (-u) on, and its own children are not. A line with anything special to a shell in it runs in /bin/sh, which is then what is recorded. SIGINT, SIGTERM, SIGHUP and --timeout end the command, too; its end is waited for. The exit status is 0 when there is a record, however the command ended.',
      ) as never,
  handler: async (args) => {
    const { runRecord } = await import('../record/runRecord.ts');
    await runRecord(args);
  },
};
