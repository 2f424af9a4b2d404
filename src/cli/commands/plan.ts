import type { CommandModule } from 'yargs';
import { DAMOS_OPTIONS } from '../damos/damosOptions.ts';
import { defineOptions } from '../options.ts';
import {
  CHANGING_OPTIONS,
  CONFIG_FILE_OPTIONS,
  TARGET_POSITIONAL,
  UNSAFE_OPTION,
} from '../schemes/changingOptions.ts';
import type { PlanArguments } from '../schemes/runPlan.ts';

const PLAN_OPTIONS = defineOptions({
  kernel: {
    type: 'string',
    describe: 'plan for another kernel, such as 6.12 [default: the one that runs]',
  },
});

export const planCommand: CommandModule<object, PlanArguments> = {
  command: 'plan [target..]',
  describe: 'print what would be written to start or change kdamonds, and write nothing',
  builder: (yargs) =>
    yargs
      .positional('target', TARGET_POSITIONAL)
      .options({
        ...PLAN_OPTIONS,
        ...CONFIG_FILE_OPTIONS,
        ...DAMOS_OPTIONS,
        ...UNSAFE_OPTION,
        ...CHANGING_OPTIONS,
      })
      .example('$0 plan --config.file config/proactive-reclaim.yaml', 'what "apply" would write')
      .example('$0 plan --config.file damon.yaml --kernel 6.12', 'whether another kernel can do it')
      .epilogue(
        'What a kernel has is only seen in directories that a start makes; until then a plan goes by the version of the kernel. The exit status tells whether it could be done now.',
      ) as never,
  handler: async (args) => {
    const { runPlan } = await import('../schemes/runPlan.ts');
    await runPlan(args);
  },
};
