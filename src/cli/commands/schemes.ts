import type { CommandModule } from 'yargs';
import { OWN_KDAMOND_OPTIONS } from '../collecting/collectingOptions.ts';
import { DAMOS_OPTIONS } from '../damos/damosOptions.ts';
import { LOG_OPTIONS, PATH_OPTIONS, SIMULATOR_OPTIONS, defineOptions } from '../options.ts';
import { DRY_RUN_OPTION, UNSAFE_OPTION } from '../schemes/changingOptions.ts';
import type { SchemesArguments } from '../schemes/runSchemes.ts';

const SCHEMES_OPTIONS = defineOptions({
  timeout: {
    type: 'string',
    describe: 'end after this long (bare: seconds), and the command with it',
  },
  quiet: {
    alias: 'q',
    type: 'boolean',
    default: false,
    describe: 'no progress on the terminal and no summary',
  },
  source: {
    choices: ['auto', 'simulator'],
    default: 'auto',
    describe: 'this kernel, or a simulated one',
    group: 'Simulated kernel:',
  },
});

export const schemesCommand: CommandModule<object, SchemesArguments> = {
  command: 'schemes [target..]',
  describe: 'apply operation schemes to a command, processes or physical memory',
  builder: (yargs) =>
    yargs
      .positional('target', {
        type: 'string',
        array: true,
        describe: 'a command in one quoted string, process ids, or paddr',
      })
      .options({
        ...SCHEMES_OPTIONS,
        ...DRY_RUN_OPTION,
        ...DAMOS_OPTIONS,
        ...UNSAFE_OPTION,
        ...OWN_KDAMOND_OPTIONS,
        ...PATH_OPTIONS,
        ...SIMULATOR_OPTIONS,
        ...LOG_OPTIONS,
        'log.level': { ...LOG_OPTIONS['log.level'], default: 'warn' },
      })
      .example(
        '$0 schemes --damos_sz_region 2M max --damos_access_rate 90% 100% --damos_age 100ms max --damos_action hugepage $(pidof foo)',
        'huge pages for hot memory of a process',
      )
      .example('$0 schemes --schemes schemes.json paddr', 'what fmt_json has printed')
      .epilogue(
        'It ends with the command, when all processes have ended, at --timeout, SIGINT, SIGTERM or SIGHUP, and leaves the kernel as it was found. "start" leaves schemes running instead. A command runs with the privileges of this program.',
      ) as never,
  handler: async (args) => {
    const { runSchemes } = await import('../schemes/runSchemes.ts');
    await runSchemes(args);
  },
};
