import type { ContextSpec, IntervalsSpec, KdamondSpec, ProbeSpec } from '../../damon/spec.ts';
import { layoutPattern, layoutScheme } from './layoutScheme.ts';
import { HUMAN_TEXTS, RAW_TEXTS } from './numberTexts.ts';
import type { NumberTexts } from './numberTexts.ts';

function layoutIntervals({ goal, ...intervals }: IntervalsSpec, texts: NumberTexts) {
  const formatUs = (timeUs: number): string => texts.timeUs(BigInt(timeUs));
  return {
    sample_us: formatUs(intervals.sampleIntervalUs),
    aggr_us: formatUs(intervals.aggrIntervalUs),
    ops_update_us: formatUs(intervals.updateIntervalUs),
    intervals_goal: {
      access_bp: texts.bp(goal?.accessBp ?? 0),
      aggrs: texts.count(BigInt(goal?.aggrs ?? 0)),
      min_sample_us: formatUs(goal?.minSampleIntervalUs ?? 0),
      max_sample_us: formatUs(goal?.maxSampleIntervalUs ?? 0),
    },
  };
}

function layoutProbe({ filters }: ProbeSpec) {
  return {
    filters: filters.map(({ type, isMatching, isAllowing, memcgPath }) => ({
      filter_type: type,
      matching: isMatching,
      allow: isAllowing ?? false,
      path: memcgPath ?? null,
    })),
  };
}

function layoutContext(context: ContextSpec, texts: NumberTexts) {
  const { intervals, addrUnit = 1n } = context;
  return {
    ops: context.operations,
    // The damo of Debian 13 passes on what stands here as it is: no unit, and nothing for 1.
    addr_unit: addrUnit === 1n ? null : addrUnit.toString(),
    targets: context.targets.map(({ pid, isObsolete, regions }) => ({
      pid: pid ?? null,
      obsolete: isObsolete ?? false,
      regions: regions.map(({ startAddr, endAddr }) => ({
        start: texts.count(startAddr),
        end: texts.count(endAddr),
      })),
    })),
    intervals: layoutIntervals(intervals, texts),
    nr_regions: { min: texts.count(context.minNrRegions), max: texts.count(context.maxNrRegions) },
    probes: (context.probes ?? []).map(layoutProbe),
    pause: context.isPaused ?? false,
    schemes: context.schemes.map((scheme) =>
      layoutScheme(scheme, layoutPattern(scheme.accessPattern, intervals, texts), texts),
    ),
  };
}

/** JSON as Python writes it, which is what damo's users compare with. */
export function formatDamoJson(layout: unknown): string {
  return `${JSON.stringify(layout, undefined, 4)}\n`;
}

/**
 * Kdamonds in damo's JSON, in the words people use where that loses nothing; `isRaw` gives plain
 * digits. What is read back is the same, but for what the kernel does by default anyway, which a
 * spec may also say in so many words.
 */
export function formatDamoKdamonds(specs: readonly KdamondSpec[], isRaw = false): string {
  const texts = isRaw ? RAW_TEXTS : HUMAN_TEXTS;
  return formatDamoJson({
    kdamonds: specs.map(({ refreshMs, contexts }) => ({
      refresh_ms: refreshMs ?? 0,
      contexts: contexts.map((context) => layoutContext(context, texts)),
    })),
  });
}
