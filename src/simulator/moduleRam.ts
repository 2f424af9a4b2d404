import type { DamonHost } from './damonHost.ts';
import type { Range } from './regionSet.ts';

/** What DAMON's modules monitor by default: since 7.2 all RAM, before its largest part. */
export function computeMonitoredRam({ machine, model }: DamonHost): Range {
  const { ramRanges } = machine.memory;
  if (model.modulesMonitorAllRam) {
    return { start: ramRanges[0]?.start ?? 0, end: ramRanges.at(-1)?.end ?? 0 };
  }
  return ramRanges.reduce((largest, range) =>
    range.end - range.start > largest.end - largest.start ? range : largest,
  );
}
