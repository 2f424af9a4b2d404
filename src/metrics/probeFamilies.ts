import { formatTimeShort } from '../base/format.ts';
import { computeMaxNrAccesses } from '../damon/derive.ts';
import type { ContextState } from '../damon/kdamond.ts';
import { estimateProbeBytes } from '../damon/probes.ts';
import type { ProbedRegions } from '../damon/probes.ts';
import { labelFilter } from './filterFamilies.ts';
import { pointIfKnown } from './metricFamily.ts';
import type { FamilySpec, Labels, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput, MetricsSettings } from './metricsInput.ts';
import { listContexts, listTargets, TARGET_LABELS } from './observedParts.ts';

const HITS_SOURCE =
  'trace damon_region_aggregated, or schemes/<N>/tried_regions/<R>/probes/<P>/hits';
const HITS_ABSENT =
  'without data attribute probes (7.2, physical memory only), while the intervals are not known, and with more than 255 samples per aggregation interval, which is all the kernel can count';
const PROBE_LABELS = [...TARGET_LABELS, 'probe'] as const;

function nameProbe(state: ContextState | undefined, probe: number): string {
  return state?.probes?.[probe]?.name ?? String(probe);
}

/** Which of a target's regions one series is about; all where it does not say. */
interface RegionChoice extends Pick<ProbedRegions, 'isWanted'> {
  /** Beside those of the probe. */
  readonly labels?: Labels;
}

/** One series per target, probe and choice of regions. */
function perProbe(
  listChoices: (settings: MetricsSettings, aggrIntervalUs: number) => readonly RegionChoice[],
): (input: MetricsInput) => ScalarPoint[] {
  return ({ observation, settings }) => {
    const states = new Map(
      listContexts(observation).map(({ labels, state }) => [JSON.stringify(labels), state]),
    );
    return listTargets(observation).flatMap(({ labels, target }) => {
      const { regions, aggrIntervalUs, sampleIntervalUs } = target.latest;
      const { kdamond, context } = labels;
      const state = states.get(JSON.stringify({ kdamond, context }));
      if (aggrIntervalUs === undefined || sampleIntervalUs === undefined) return [];
      const maxNrAccesses = computeMaxNrAccesses(aggrIntervalUs, sampleIntervalUs);
      const choices = listChoices(settings, aggrIntervalUs);
      return (regions.probeHits ?? []).flatMap((_hits, index) =>
        choices.flatMap(({ labels: more, isWanted }) =>
          pointIfKnown(
            { ...labels, probe: nameProbe(state, index), ...more },
            estimateProbeBytes(regions, index, {
              maxNrAccesses,
              ...(isWanted !== undefined && { isWanted }),
            }),
          ),
        ),
      );
    });
  };
}

function infoPoints({ observation }: MetricsInput): ScalarPoint[] {
  return listContexts(observation).flatMap(({ labels, state }) =>
    (state?.probes ?? []).flatMap(({ filters }, index) =>
      filters.map((filter, filterIndex) => ({
        labels: { ...labels, probe: nameProbe(state, index), ...labelFilter(filter, filterIndex) },
        value: 1,
      })),
    ),
  );
}

/** What kind of memory the samples of monitoring itself hit. */
export const PROBE_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_probe_monitored_bytes',
    otelName: 'damon.probe.monitored',
    unit: 'By',
    kind: 'gauge',
    help: "Bytes of a data attribute probe's kind, estimated: the size of each region times the share of its samples that hit such memory.",
    kernelSource: HITS_SOURCE,
    absent: HITS_ABSENT,
    example: {
      answers: 'Share of the monitored memory that is of each kind.',
      query: 'damon_probe_monitored_bytes / ignoring (probe) group_left damon_monitored_bytes',
    },
    labels: PROBE_LABELS,
    computePoints: perProbe(() => [{}]),
  },
  {
    name: 'damon_probe_wss_bytes',
    otelName: 'damon.probe.wss',
    unit: 'By',
    kind: 'gauge',
    help: 'The part of damon_probe_monitored_bytes in regions accessed in the last aggregation.',
    kernelSource: HITS_SOURCE,
    absent: HITS_ABSENT,
    example: {
      answers: 'Share of each kind of memory that is in use.',
      query: 'damon_probe_wss_bytes / damon_probe_monitored_bytes',
    },
    labels: PROBE_LABELS,
    computePoints: perProbe(({ wssThresholdSamples }) => [
      { isWanted: (nrAccesses) => nrAccesses >= wssThresholdSamples },
    ]),
  },
  {
    name: 'damon_probe_cold_bytes',
    otelName: 'damon.probe.cold',
    unit: 'By',
    kind: 'gauge',
    help: 'The part of damon_probe_monitored_bytes in regions without an access for at least this long (--metrics.cold-ages).',
    kernelSource: HITS_SOURCE,
    absent: HITS_ABSENT,
    example: {
      answers: 'Share of each kind of memory that was idle for 2 minutes.',
      query: 'damon_probe_cold_bytes{idle="2m"} / ignoring (idle) damon_probe_monitored_bytes',
    },
    labels: [...PROBE_LABELS, 'idle'],
    computePoints: perProbe(({ coldIdleUs }, aggrIntervalUs) =>
      coldIdleUs.map((idleUs) => {
        const minAge = Math.ceil(idleUs / aggrIntervalUs);
        return {
          labels: { idle: formatTimeShort(idleUs) },
          isWanted: (nrAccesses, ageIntervals) => nrAccesses === 0 && ageIntervals >= minAge,
        };
      }),
    ),
  },
  {
    name: 'damon_probe_filter_info',
    otelName: 'damon.probe.filter.info',
    unit: '',
    kind: 'info',
    help: 'A filter of a data attribute probe: it speaks of memory of its type (matching Y) or of all other (N), and counts it as a hit (allow Y) or not (7.2).',
    kernelSource: 'monitoring_attrs/probes/<P>/filters/<F>/{type,matching,allow,path}',
    absent: 'for probes without filters, and before Linux 7.2',
    example: {
      answers: 'Estimated bytes by what the probes judge by.',
      query:
        'sum by (instance, filter_type, memcg) (damon_probe_monitored_bytes * on (instance, kdamond, context, probe) group_left (filter_type, memcg) damon_probe_filter_info{filter="0"})',
    },
    labels: ['kdamond', 'context', 'probe', 'filter', 'filter_type', 'matching', 'allow', 'memcg'],
    computePoints: infoPoints,
  },
];
