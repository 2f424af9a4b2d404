import type { CommandModule } from 'yargs';
import {
  PERCENTILE_OPTIONS,
  RANGE_OPTIONS,
  RECORD_OPTIONS,
  TABLE_OPTIONS,
} from './reportOptions.ts';
import type { RegionCountsArguments } from './runRegionCounts.ts';

export const regionCountsCommand: CommandModule<object, RegionCountsArguments> = {
  command: 'nr_regions',
  aliases: ['nr-regions'],
  describe: 'how many regions the snapshots had',
  builder: (yargs) =>
    yargs.options({
      ...RECORD_OPTIONS,
      ...RANGE_OPTIONS,
      ...TABLE_OPTIONS,
      ...PERCENTILE_OPTIONS,
    }) as never,
  handler: async (args) => {
    const { runRegionCounts } = await import('./runRegionCounts.ts');
    await runRegionCounts(args);
  },
};
