import type { CommandModule } from 'yargs';
import { DAMOS_OPTIONS } from '../damos/damosOptions.ts';
import {
  CHANGING_OPTIONS,
  CONFIG_FILE_OPTIONS,
  DRY_RUN_OPTION,
  TARGET_POSITIONAL,
  UNSAFE_OPTION,
} from './changingOptions.ts';
import type { ChangeArguments, ChangeCommand } from './runChange.ts';

/** A command that says by damo's options, or by a file, what kdamonds are to do from now on. */
export function createChangeCommand(
  name: Extract<ChangeCommand, 'start' | 'tune'>,
  describe: string,
  example: readonly [command: string, description: string],
): CommandModule<object, ChangeArguments> {
  return {
    command: `${name} [target..]`,
    describe,
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
        .example(...example) as never,
    handler: async (args) => {
      const { runChange } = await import('./runChange.ts');
      await runChange(name, args);
    },
  };
}
