import type { CommandModule } from 'yargs';
import { STATE_FILE_OPTION } from '../collecting/collectingOptions.ts';
import { DRY_RUN_OPTION, MACHINE_OPTIONS } from '../schemes/changingOptions.ts';
import type { StopArguments } from '../schemes/runStop.ts';

export const stopCommand: CommandModule<object, StopArguments> = {
  command: 'stop',
  describe: 'end what start or apply has left running, and leave the kernel as it was found',
  builder: (yargs) =>
    yargs.options({ ...DRY_RUN_OPTION, ...STATE_FILE_OPTION, ...MACHINE_OPTIONS }) as never,
  handler: async (args) => {
    const { runStop } = await import('../schemes/runStop.ts');
    await runStop(args);
  },
};
