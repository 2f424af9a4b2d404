import type { CommandModule } from 'yargs';
import {
  CHANGING_OPTIONS,
  CONFIG_FILE_OPTIONS,
  DRY_RUN_OPTION,
} from '../schemes/changingOptions.ts';
import type { ChangeArguments } from '../schemes/runChange.ts';

export const applyCommand: CommandModule<object, ChangeArguments> = {
  command: 'apply',
  describe: 'start or change kdamonds as a configuration file says, and let them run',
  builder: (yargs) =>
    yargs
      .options({ ...DRY_RUN_OPTION, ...CONFIG_FILE_OPTIONS, ...CHANGING_OPTIONS })
      .demandOption('config.file')
      .example('$0 apply --config.file /etc/damon-exporter.yaml', 'as often as you like')
      .epilogue(
        'Processes are looked for once; "serve --config.file" looks for them all the time, watches for changes by others, and can take over what was applied. "stop" ends it.',
      ) as never,
  handler: async (args) => {
    const { runChange } = await import('../schemes/runChange.ts');
    await runChange('apply', { ...args, unsafe: false });
  },
};
