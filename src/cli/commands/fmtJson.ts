import type { CommandModule } from 'yargs';
import { DAMOS_OPTIONS } from '../damos/damosOptions.ts';
import { PATH_OPTIONS, defineOptions } from '../options.ts';
import type { FmtJsonArguments } from '../runFmtJson.ts';

const FMT_JSON_OPTIONS = defineOptions({
  raw: {
    type: 'boolean',
    default: false,
    describe: 'plain digits, in the unit each key names',
  },
});

export const fmtJsonCommand: CommandModule<object, FmtJsonArguments> = {
  command: 'fmt_json [target..]',
  aliases: ['fmt-json'],
  describe: "print what damo's options ask for, as damo's JSON",
  builder: (yargs) =>
    yargs
      .positional('target', {
        type: 'string',
        array: true,
        describe: 'process ids, or paddr [default: paddr]',
      })
      .options({ ...FMT_JSON_OPTIONS, ...DAMOS_OPTIONS, ...PATH_OPTIONS })
      .example(
        '$0 fmt_json --damos_sz_region 2M max --damos_access_rate 90% 100% --damos_age 100ms max --damos_action hugepage $(pidof foo)',
        'huge pages for hot memory',
      )
      .example('$0 fmt_json --kdamonds old.json', 'the same kdamonds, in one way of writing')
      .epilogue(
        'Where the units people use would round a number it is written in full: what is printed is read back as the same kdamonds, also by damo. See docs/schemes.md.',
      ) as never,
  handler: async (args) => {
    const { runFmtJson } = await import('../runFmtJson.ts');
    runFmtJson(args);
  },
};
