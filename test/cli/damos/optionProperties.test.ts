import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConfigError, UsageError } from '../../../src/base/errors.ts';
import { DAMOS_OPTIONS } from '../../../src/cli/damos/damosOptions.ts';
import type { DamosArguments } from '../../../src/cli/damos/damosOptions.ts';
import { joinOptionWords } from '../../../src/cli/damos/optionWords.ts';
import { parseDamosOptions } from '../../../src/cli/damos/parseDamosOptions.ts';
import { isMemcgMetric, isNodeMetric } from '../../../src/damon/goalMetrics.ts';
import type {
  FilterSpec,
  QuotaGoalSpec,
  QuotasSpec,
  SchemeSpec,
  Uint64Range,
} from '../../../src/damon/spec.ts';
import { arbitraryDamoScheme } from '../../support/arbitraryDamoSpec.ts';
import { parseKdamonds } from '../../support/damosArguments.ts';
import { fuzzRuns } from '../../support/fuzzRuns.ts';

const ULONG_MAX = 0xffff_ffff_ffff_ffffn;

/** The scheme in the options that say it. */
function formatWords(scheme: SchemeSpec): string[] {
  const { accessPattern, quotas, watermarks } = scheme;
  const range = ({ min, max }: Uint64Range, unit: string): string[] => [
    `${min.toString()}${unit}`,
    `${max.toString()}${unit}`,
  ];
  const nodes = scheme.dests?.flatMap(({ nid, weight }) => [String(nid), String(weight)]);
  return [
    ...['--damos_action', scheme.action, ...(nodes ?? [scheme.targetNid ?? []].flat().map(String))],
    ...['--damos_sz_region', ...range(accessPattern.sizeBytes, '')],
    ...['--damos_access_rate', ...range(accessPattern.nrAccesses, ' samples')],
    ...['--damos_age', ...range(accessPattern.ageIntervals, ' aggr_intervals')],
    ...['--damos_apply_interval', String(scheme.applyIntervalUs ?? 0)],
    ...['--damos_quota_time', String(quotas.timeMs)],
    ...['--damos_quota_space', String(quotas.sizeBytes)],
    ...['--damos_quota_interval', String(quotas.resetIntervalMs)],
    '--damos_quota_weights',
    ...[quotas.sizeWeightPermil, quotas.accessesWeightPermil, quotas.ageWeightPermil].map(String),
    ...formatFailCharge(quotas),
    ...(quotas.goalTuner === undefined ? [] : ['--damos_quota_goal_tuner', quotas.goalTuner]),
    ...(quotas.goals ?? []).flatMap((goal) => ['--damos_quota_goal', ...formatGoal(goal)]),
    ...(scheme.filters ?? []).flatMap((filter) => ['--damos_filter', ...formatFilter(filter)]),
    ...['--damos_wmarks', watermarks.metric, String(watermarks.intervalUs)],
    ...[watermarks.highPermil, watermarks.midPermil, watermarks.lowPermil].map(String),
    ...['--damos_max_nr_snapshots', String(scheme.maxNrSnapshots ?? 0n)],
  ];
}

function formatFailCharge({ failChargeNum, failChargeDenom }: QuotasSpec): string[] {
  if (failChargeNum === undefined) return [];
  return ['--damos_quota_fail_charge_ratio', String(failChargeNum), String(failChargeDenom)];
}

function formatGoal({
  metric = '',
  nid,
  path,
  targetValue,
  currentValue,
}: QuotaGoalSpec): string[] {
  return [
    metric,
    targetValue.toString(),
    ...(metric === 'user_input' ? [currentValue.toString()] : []),
    ...(isNodeMetric(metric) ? [String(nid)] : []),
    ...(isMemcgMetric(metric) ? [path ?? ''] : []),
  ];
}

function formatFilter(filter: FilterSpec): string[] {
  const { addrRange, sizeBytes, memcgPath, targetIndex } = filter;
  return [
    filter.isAllowing === true ? 'allow' : 'reject',
    ...(filter.isMatching ? [] : ['none']),
    filter.type,
    ...(memcgPath === undefined ? [] : [memcgPath]),
    ...(targetIndex === undefined ? [] : [String(targetIndex)]),
    ...(addrRange === undefined ? [] : [String(addrRange.startAddr), String(addrRange.endAddr)]),
    ...(sizeBytes === undefined ? [] : [String(sizeBytes.min), String(sizeBytes.max)]),
  ];
}

/** But for what no option says: values the kernel measures, and quotas that are never given again. */
const sayable = arbitraryDamoScheme.map((scheme): SchemeSpec => {
  const { targetNid, dests, ...rest } = scheme;
  const { failChargeNum, failChargeDenom = 0, goals, ...quotas } = scheme.quotas;
  return {
    ...rest,
    ...(dests === undefined ? targetNid !== undefined && { targetNid } : { dests }),
    quotas: {
      ...quotas,
      resetIntervalMs: quotas.resetIntervalMs === ULONG_MAX ? 1000n : quotas.resetIntervalMs,
      ...(failChargeNum !== undefined && failChargeDenom > 0 && { failChargeNum, failChargeDenom }),
      ...(goals !== undefined && {
        goals: goals.map((goal) =>
          goal.metric === 'user_input' ? goal : { ...goal, currentValue: 0n },
        ),
      }),
    },
  };
});

test('a scheme told in options is that scheme', () => {
  fc.assert(
    fc.property(sayable, (scheme) => {
      const words = ['--target_pid', '7', ...formatWords(scheme)];
      expect(parseKdamonds(words)[0]!.contexts[0]!.schemes).toEqual([scheme]);
    }),
    { numRuns: fuzzRuns(60) },
  );
});

/** What yargs makes of options of one word, as far as the parsers can tell. */
function collectArguments(joined: readonly string[]): DamosArguments {
  const args: Record<string, string | string[]> = {};
  const target: string[] = [];
  for (let at = 0; at < joined.length; at += 1) {
    const name = /^--(\w+)$/.exec(joined[at]!)?.[1];
    const option = name === undefined ? undefined : DAMOS_OPTIONS[name];
    if (name === undefined || option === undefined) target.push(joined[at]!);
    else {
      at += 1;
      const word = joined[at] ?? '';
      if (option.array === true) args[name] = [args[name] ?? [], word].flat();
      else args[name] = word;
    }
  }
  return { ...args, target };
}

const OPTION_NAMES = Object.keys(DAMOS_OPTIONS).map((name) => `--${name}`);
const word = fc.oneof(
  fc.constantFrom(...OPTION_NAMES),
  fc.constantFrom(
    ...['0', '1', '7', '1234', 'max', 'min', '90%', '4K', '5ms', '1s', '-1', 'paddr', 'stat'],
    ...['migrate_hot', 'allow', 'reject', 'none', 'anon', 'memcg', '/a', 'addr', 'matching'],
    ...['user_input', 'node_mem_used_bp', 'free_mem_rate', '4K-8K', '[', '[{}]', '{"kdamonds":[]}'],
  ),
  fc.string({ maxLength: 3 }),
);

const ANY_LINE = fc.array(word, { maxLength: 12 });
const SOURCES = {
  readSystemRam: () => [],
  readNodeRam: () => [],
  readFile: (path: string) => path,
};

test.each([
  ['any words', ANY_LINE],
  ['schemes', ANY_LINE.map((line) => ['7', '--damos_action', 'stat', ...line])],
])('%s are understood or refused in words', (_what, line) => {
  let nrUnderstood = 0;
  fc.assert(
    fc.property(fc.array(line, { minLength: 250, maxLength: 250 }), (lines) => {
      for (const one of lines) {
        try {
          parseDamosOptions(collectArguments(joinOptionWords(one)), SOURCES);
          nrUnderstood += 1;
        } catch (error) {
          if (!(error instanceof UsageError || error instanceof ConfigError)) throw error;
        }
      }
    }),
    { numRuns: fuzzRuns(110) },
  );
  expect(nrUnderstood).toBeGreaterThan(1000);
});
