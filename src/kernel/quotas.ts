import { isMemcgMetric, isNodeMetric } from '../damon/goalMetrics.ts';
import type { QuotaGoalSpec, QuotasSpec } from '../damon/spec.ts';
import {
  listIndexes,
  omitAbsent,
  readIfPresent,
  readInteger,
  readNumbered,
  readUint64,
  readWord,
} from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

function readGoal(fs: KernelFs, path: KernelPath): QuotaGoalSpec {
  const metric = readIfPresent(readWord, fs, `${path}/target_metric`);
  return {
    ...omitAbsent({
      metric,
      nid:
        metric !== undefined && isNodeMetric(metric)
          ? readIfPresent(readInteger, fs, `${path}/nid`)
          : undefined,
      path:
        metric !== undefined && isMemcgMetric(metric)
          ? readIfPresent(readWord, fs, `${path}/path`)
          : undefined,
    }),
    targetValue: readUint64(fs, `${path}/target_value`),
    currentValue: readUint64(fs, `${path}/current_value`),
  };
}

/**
 * Limits as staged; what the goals make of them is `effective_bytes`, read by `readScheme`.
 *
 * Files: `schemes/<S>/quotas`
 * Absent: goals before 6.8, the tuner before 7.1, the charge of failures before 7.2.
 */
export function readQuotas(fs: KernelFs, path: KernelPath): QuotasSpec {
  return {
    timeMs: readUint64(fs, `${path}/ms`),
    sizeBytes: readUint64(fs, `${path}/bytes`),
    resetIntervalMs: readUint64(fs, `${path}/reset_interval_ms`),
    sizeWeightPermil: readInteger(fs, `${path}/weights/sz_permil`),
    accessesWeightPermil: readInteger(fs, `${path}/weights/nr_accesses_permil`),
    ageWeightPermil: readInteger(fs, `${path}/weights/age_permil`),
    ...omitAbsent({
      failChargeNum: readIfPresent(readInteger, fs, `${path}/fail_charge_num`),
      failChargeDenom: readIfPresent(readInteger, fs, `${path}/fail_charge_denom`),
      goals: readNumbered(fs, `${path}/goals`, (goal) => readGoal(fs, goal)),
      goalTuner: readIfPresent(readWord, fs, `${path}/goal_tuner`),
    }),
  };
}

function hasAnyQuota(fs: KernelFs, path: KernelPath): boolean {
  const files: readonly KernelPath[] = [`${path}/bytes`, `${path}/ms`, `${path}/goals/nr_goals`];
  return files.some((file) => (readIfPresent(readUint64, fs, file) ?? 0n) > 0n);
}

/**
 * Whether any scheme of the kdamond at `path` has a quota whose size in force can be asked for.
 *
 * Absent: false before 6.9
 */
export function hasEffectiveQuota(fs: KernelFs, path: KernelPath): boolean {
  return listIndexes(fs, `${path}/contexts`).some((context) => {
    const schemes: KernelPath = `${path}/contexts/${context}/schemes`;
    return listIndexes(fs, schemes).some((scheme) => {
      const quotas: KernelPath = `${schemes}/${scheme}/quotas`;
      return fs.exists(`${quotas}/effective_bytes`) && hasAnyQuota(fs, quotas);
    });
  });
}
