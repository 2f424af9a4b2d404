import type { Argv, CommandModule } from 'yargs';
import type { CheckConfigArguments } from '../check/runCheckConfig.ts';
import { LOG_OPTIONS, PATH_OPTIONS, SIMULATOR_OPTIONS, defineOptions } from '../options.ts';

const CHECK_CONFIG_OPTIONS = defineOptions({
  input: {
    alias: 'i',
    type: 'string',
    describe: 'tell how much of what this record shows each scheme fits',
    group: 'Estimate:',
  },
  live: {
    type: 'boolean',
    default: false,
    describe: 'the same of what the kdamonds that run here see now; starts none',
    group: 'Estimate:',
  },
  source: {
    choices: ['auto', 'simulator'],
    default: 'auto',
    describe: 'this kernel, or a simulated one',
    group: 'Simulated kernel:',
  },
});

const checkConfigCommand: CommandModule<object, CheckConfigArguments> = {
  command: 'config <file..>',
  describe: 'find everything wrong with configuration files, and say what they do',
  builder: (yargs) =>
    yargs
      .positional('file', { type: 'string', array: true, describe: 'YAML or JSON' })
      .options({
        ...CHECK_CONFIG_OPTIONS,
        ...PATH_OPTIONS,
        ...SIMULATOR_OPTIONS,
        ...LOG_OPTIONS,
        'log.level': { ...LOG_OPTIONS['log.level'], default: 'warn' },
      })
      .example('$0 check config config/*.yaml', 'what each of them does')
      .example('$0 check config reclaim.yaml -i damon.data', 'and to how much memory') as never,
  handler: async (args) => {
    const { runCheckConfig } = await import('../check/runCheckConfig.ts');
    await runCheckConfig(args);
  },
};

const checkWebConfigCommand: CommandModule<object, { readonly file: readonly string[] }> = {
  command: 'web-config <file..>',
  describe: 'find everything wrong with files of --web.config.file and what they name',
  builder: (yargs) =>
    yargs.positional('file', { type: 'string', array: true, describe: 'YAML' }) as never,
  handler: async ({ file }) => {
    const { runCheckWebConfig } = await import('../check/runCheckWebConfig.ts');
    runCheckWebConfig(file);
  },
};

const checkRecordCommand: CommandModule<object, { readonly file: readonly string[] }> = {
  command: 'record <file..>',
  describe: 'read records from the first to the last byte, and say whether they are whole',
  builder: (yargs) =>
    yargs
      .positional('file', {
        type: 'string',
        array: true,
        describe: 'of any format; a rolling record by its base path or directory',
      })
      .example('$0 check record damon.data', 'each checksum, and what there is') as never,
  handler: async ({ file }) => {
    const { runCheckRecord } = await import('../check/runCheckRecord.ts');
    await runCheckRecord(file);
  },
};

export const checkCommand: CommandModule = {
  command: 'check',
  describe: 'look at a file without doing anything with it',
  builder: (yargs: Argv) =>
    yargs
      .command(checkConfigCommand)
      .command(checkWebConfigCommand)
      .command(checkRecordCommand)
      .demandCommand(1, 'found nothing to check: expected "config", "web-config" or "record"')
      .recommendCommands()
      .strict(),
  handler: () => undefined,
};
