import type { CommandModule } from 'yargs';
import { DAMOS_OPTIONS } from '../damos/damosOptions.ts';
import {
  CHANGING_OPTIONS,
  CONFIG_FILE_OPTIONS,
  DRY_RUN_OPTION,
  TARGET_POSITIONAL,
  UNSAFE_OPTION,
} from '../schemes/changingOptions.ts';
import type { ChangeArguments } from '../schemes/runChange.ts';

export const startCommand: CommandModule<object, ChangeArguments> = {
  command: 'start [target..]',
  describe: 'start kdamonds that run on by themselves, until "stop"',
  builder: (yargs) =>
    yargs
      .positional('target', TARGET_POSITIONAL)
      .options({
        ...DRY_RUN_OPTION,
        ...CONFIG_FILE_OPTIONS,
        ...DAMOS_OPTIONS,
        ...UNSAFE_OPTION,
        ...CHANGING_OPTIONS,
      })
      .example(
        '$0 start --damos_action stat $(pidof mysqld)',
        'monitor a process, with a scheme that counts',
      ) as never,
  handler: async (args) => {
    const { runChange } = await import('../schemes/runChange.ts');
    await runChange('start', args);
  },
};
