import type { CommandModule } from 'yargs';
import { PATH_OPTIONS } from '../options.ts';
import type { StatusArguments } from '../runStatus.ts';

export const statusCommand: CommandModule<object, StatusArguments> = {
  command: 'status',
  describe: 'show what DAMON does on this machine, writing nothing',
  builder: (yargs) =>
    yargs.options({
      json: { type: 'boolean', default: false, describe: 'JSON, 64-bit values as decimal text' },
      ...PATH_OPTIONS,
    }) as never,
  handler: async (args) => {
    const { runStatus } = await import('../runStatus.ts');
    await runStatus(args);
  },
};
