import { FAMILY_GROUPS } from '../metrics/families.ts';
import type { ScalarPoint } from '../metrics/metricFamily.ts';
import type { MetricsInput } from '../metrics/metricsInput.ts';
import type { SchemeJson } from './liveEvents.ts';

interface NamedPoint extends ScalarPoint {
  readonly name: string;
}

function computePoints(groupName: string, input: MetricsInput): NamedPoint[] {
  const group = FAMILY_GROUPS.find(({ name }) => name === groupName);
  return (group?.families ?? []).flatMap((spec) =>
    spec.kind === 'histogram'
      ? []
      : spec.computePoints(input).map((point) => ({ ...point, name: spec.name })),
  );
}

/** Points of goals have labels of their own: they are no numbers of the scheme. */
function isOfScheme({ labels }: ScalarPoint): boolean {
  return labels['scheme'] !== undefined && labels['goal'] === undefined;
}

function describeOwnSchemes(input: MetricsInput): SchemeJson[] {
  const schemes = new Map<string, { -readonly [K in keyof SchemeJson]: SchemeJson[K] }>();
  for (const point of computePoints('scheme', input).filter(isOfScheme)) {
    const { kdamond = '', context = '', scheme = '', action } = point.labels;
    const key = JSON.stringify([kdamond, context, scheme]);
    const described = schemes.get(key) ?? { kdamond, context, scheme, action: '', values: {} };
    described.action = action ?? described.action;
    described.values = { ...described.values, [point.name]: Number(point.value) };
    schemes.set(key, described);
  }
  return [...schemes.values()];
}

/** Kernel modules that act on memory by themselves, while they are switched on. */
const MODULES = [
  { kdamond: 'damon_reclaim', action: 'pageout' },
  { kdamond: 'damon_lru_sort', action: 'lru_prio, lru_deprio' },
] as const;

function describeModules(input: MetricsInput): SchemeJson[] {
  const points = computePoints('module', input);
  return MODULES.flatMap(({ kdamond, action }) => {
    const isEnabled = input.observation?.modules.some(
      (module) => module.name === kdamond && module.isEnabled,
    );
    if (isEnabled !== true) return [];
    const sums: Record<string, number> = {};
    for (const { name, value } of points) {
      if (!name.startsWith(`${kdamond}_`)) continue;
      sums[name] = (sums[name] ?? 0) + Number(value);
    }
    return [{ kdamond, context: '', scheme: '', action, values: sums }];
  });
}

/** What DAMON does with memory: schemes of kdamonds, then those inside of kernel modules. */
export function describeSchemes(input: MetricsInput): SchemeJson[] {
  return [...describeOwnSchemes(input), ...describeModules(input)];
}
