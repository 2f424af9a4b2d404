import type { CommandModule } from 'yargs';
import { PATH_OPTIONS } from '../options.ts';
import type { DoctorArguments } from '../runDoctor.ts';

export const doctorCommand: CommandModule<object, DoctorArguments> = {
  command: 'doctor',
  describe: 'say whether DAMON can be used here, and what to do where it cannot',
  builder: (yargs) =>
    yargs.options({
      json: { type: 'boolean', default: false, describe: 'findings as JSON' },
      ...PATH_OPTIONS,
    }) as never,
  handler: async (args) => {
    const { runDoctor } = await import('../runDoctor.ts');
    await runDoctor(args);
  },
};
