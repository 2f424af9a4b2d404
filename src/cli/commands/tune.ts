import type { CommandModule } from 'yargs';
import { createChangeCommand } from '../schemes/changeCommand.ts';
import type { ChangeArguments } from '../schemes/runChange.ts';

export const tuneCommand: CommandModule<object, ChangeArguments> = createChangeCommand(
  'tune',
  'change kdamonds that run by themselves, without a new start where possible',
  [
    '$0 tune --damos_action pageout --damos_age 2m max --damos_quota_space 64M --damos_quota_interval 1s paddr',
    'tell all anew',
  ],
);
