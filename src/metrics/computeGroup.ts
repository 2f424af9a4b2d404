import { createFamilyComputer } from './computeFamily.ts';
import type { ComputedFamily } from './computeFamily.ts';
import type { FamilyGroup } from './families.ts';
import type { FamilyBlock } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';

interface Known {
  readonly families: readonly ComputedFamily[];
  readonly block: FamilyBlock;
  /** What it was computed from. */
  basis: object | undefined;
}

/**
 * Computes the families of a group that have points, and gives the same object again while no value
 * changed. What has the same `basis` as the last time (an object; undefined is never the same) is not
 * even computed.
 */
export type GroupComputer = (
  group: FamilyGroup,
  input: MetricsInput,
  basis: object | undefined,
) => FamilyBlock;

/** @param onComputed is told of each family each time, before the next one is computed. */
export function createGroupComputer(onComputed: (computed: ComputedFamily) => void): GroupComputer {
  const compute = createFamilyComputer();
  const all = new Map<FamilyGroup, Known>();
  return (group, input, basis) => {
    const known = all.get(group);
    if (known !== undefined && basis !== undefined && known.basis === basis) {
      known.families.forEach(onComputed);
      return known.block;
    }
    const families = group.families.map((spec) => {
      const computed = compute(spec, input);
      onComputed(computed);
      return computed;
    });
    if (known !== undefined && families.every((one, at) => one === known.families[at])) {
      known.basis = basis;
      return known.block;
    }
    const block = families.map(({ family }) => family).filter(({ points }) => points.length > 0);
    all.set(group, { families, block, basis });
    return block;
  };
}
