import type { CommandModule } from 'yargs';
import type { TranslateDamosArguments } from '../runTranslateDamos.ts';

export const translateDamosCommand: CommandModule<object, TranslateDamosArguments> = {
  command: 'translate_damos <schemes..>',
  aliases: ['translate-damos'],
  describe: "turn damo's old schemes of one line each into JSON",
  builder: (yargs) =>
    yargs
      .positional('schemes', {
        type: 'string',
        array: true,
        describe: 'a file of such lines, or one of them as text',
      })
      .example('$0 translate_damos old.damos', 'a file')
      .example('$0 translate_damos "2M max 90 100 100ms max hugepage"', 'a line')
      .epilogue(
        'Fields: min_size max_size min_rate max_rate min_age max_age action [quota_size quota_interval [3 weights [wmark_metric interval high mid low]]], with a time quota before quota_size where there are 18. Rates are in percent, bare ages in microseconds. What is printed is for --schemes.',
      ) as never,
  handler: async (args) => {
    const { runTranslateDamos } = await import('../runTranslateDamos.ts');
    runTranslateDamos(args);
  },
};
