import type { CommandModule } from 'yargs';
import { createChangeCommand } from '../schemes/changeCommand.ts';
import type { ChangeArguments } from '../schemes/runChange.ts';

export const startCommand: CommandModule<object, ChangeArguments> = createChangeCommand(
  'start',
  'start kdamonds that run on by themselves, until "stop"',
  ['$0 start --damos_action stat $(pidof mysqld)', 'monitor a process, with a scheme that counts'],
);
