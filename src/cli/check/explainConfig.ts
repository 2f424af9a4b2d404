import { formatCount } from '../../base/format.ts';
import type { DamonConfig, KdamondConfig, TargetsConfig } from '../../config/config.ts';
import { describeScheme } from '../../config/describeScheme.ts';
import { saySize, sayTime } from '../../config/words.ts';
import { describeSelector } from '../../damon/targetSelector.ts';
import { findNewestNeed } from './neededKernel.ts';
import type { MatchEstimate } from './matchEstimate.ts';

function sayTargets(targets: TargetsConfig): string {
  if (targets.kind === 'physical') {
    const { regions, numaNodes } = targets.target;
    if (regions.length > 0) return `${regions.length} given ranges of physical memory`;
    return numaNodes.length > 0
      ? `the physical memory of NUMA node ${numaNodes.join(', ')}`
      : 'all physical memory';
  }
  return targets.targets.map(({ selector }) => describeSelector(selector)).join(', ');
}

function sayMonitoring({ context, targets }: KdamondConfig): string {
  const { operations, intervals, minNrRegions, maxNrRegions } = context;
  const { sampleIntervalUs, aggrIntervalUs, goal } = intervals;
  const tuned = (goal?.accessBp ?? 0) > 0 ? ' at first, then as the kernel tunes them' : '';
  return [
    `monitors ${sayTargets(targets)} (${operations})`,
    `sampled every ${sayTime(BigInt(sampleIntervalUs))}, summed up every ${sayTime(BigInt(aggrIntervalUs))}${tuned}`,
    `in ${formatCount(minNrRegions)} to ${formatCount(maxNrRegions)} regions`,
  ].join(', ');
}

function sayEstimate(estimate: MatchEstimate): string {
  const { latestBytes, latestRegions, monitoredBytes, meanBytes, nrSnapshots } = estimate;
  const ages = estimate.lacksAges ? '; not all of it has ages, so this is a guess' : '';
  return `fits ${saySize(latestBytes)} of ${saySize(monitoredBytes)} now (${formatCount(latestRegions)} regions), ${saySize(meanBytes)} on average of ${formatCount(nrSnapshots)} snapshots, before filters and quotas${ages}`;
}

/** By kdamond and scheme; undefined where nothing was looked at. */
export type Estimates = readonly (readonly MatchEstimate[])[] | undefined;

async function explainKdamond(
  config: KdamondConfig,
  estimates: readonly MatchEstimate[] | undefined,
): Promise<string> {
  const need = await findNewestNeed(config);
  const schemes = config.schemes.map((scheme, index) => {
    const estimate = estimates?.[index];
    const line = `  ${scheme.name ?? index}: ${describeScheme(scheme, config.context.intervals)}\n`;
    return estimate === undefined ? line : `${line}    ${sayEstimate(estimate)}\n`;
  });
  return [
    `kdamond ${config.name} ${sayMonitoring(config)}\n`,
    need === undefined ? '' : `  needs Linux ${need.since} or later, for ${need.title}\n`,
    ...schemes,
  ].join('');
}

/** What a configuration makes the kernel do, for people. */
export async function explainConfig(config: DamonConfig, estimates: Estimates): Promise<string> {
  const exit =
    config.onExit === 'keep' ? 'they run on when serve ends' : 'all is as before when serve ends';
  const drift = config.onDrift === 'correct' ? 'are put back' : 'are told in metrics and the log';
  const kdamonds: string[] = [];
  for (const [index, kdamond] of config.kdamonds.entries()) {
    kdamonds.push(await explainKdamond(kdamond, estimates?.[index]));
  }
  return `${kdamonds.join('\n')}\n${exit}; changes by others ${drift}\n`;
}
