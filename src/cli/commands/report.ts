import type { Argv, CommandModule } from 'yargs';
import { accessCommand } from '../report/accessCommand.ts';
import { heatsCommand } from '../report/heatsCommand.ts';
import { htmlCommand } from '../report/htmlCommand.ts';
import { rawCommand } from '../report/rawCommand.ts';
import { recordInfoCommand } from '../report/recordInfoCommand.ts';
import { regionCountsCommand } from '../report/regionCountsCommand.ts';
import { sizingCommand } from '../report/sizingCommand.ts';
import { wssCommand } from '../report/wssCommand.ts';

export const reportCommand: CommandModule = {
  command: 'report',
  describe: 'show what a record holds: as text, or drawn',
  builder: (yargs: Argv) =>
    yargs
      .command(rawCommand)
      .command(heatsCommand)
      .command(wssCommand)
      .command(sizingCommand)
      .command(regionCountsCommand)
      .command(recordInfoCommand)
      .command(accessCommand)
      .command(htmlCommand)
      .demandCommand(1, 'no type of report given')
      .recommendCommands()
      .strict(),
  handler: () => undefined,
};
