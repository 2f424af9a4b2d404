import type { CommandModule } from 'yargs';
import { defineOptions } from '../options.ts';
import { RANGE_OPTIONS, RECORD_OPTIONS } from './reportOptions.ts';
import type { HtmlArguments } from './runHtml.ts';

const HTML_OPTIONS = {
  ...RECORD_OPTIONS,
  ...RANGE_OPTIONS,
  ...defineOptions({
    output: {
      alias: 'o',
      type: 'string',
      default: './damon.html',
      describe: 'file to write, or stdout',
      group: 'Output:',
    },
  }),
} as const;

export const htmlCommand: CommandModule<object, HtmlArguments> = {
  command: 'html',
  describe: 'one page that opens offline: heat, working set, schemes',
  builder: (yargs) => yargs.options(HTML_OPTIONS) as never,
  handler: async (args) => {
    const { runHtml } = await import('./runHtml.ts');
    await runHtml(args);
  },
};
