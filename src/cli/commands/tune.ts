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

export const tuneCommand: CommandModule<object, ChangeArguments> = {
  command: 'tune [target..]',
  describe: 'change kdamonds that run by themselves, without a new start where possible',
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
        '$0 tune --damos_action pageout --damos_age 2m max --damos_quota_space 64M --damos_quota_interval 1s paddr',
        'tell all anew',
      ) as never,
  handler: async (args) => {
    const { runChange } = await import('../schemes/runChange.ts');
    await runChange('tune', args);
  },
};
