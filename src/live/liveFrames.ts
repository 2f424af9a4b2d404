import type { Clock } from '../base/clock.ts';
import type { Observation } from '../damon/observation.ts';
import type { Snapshot } from '../damon/snapshot.ts';
import type { Range } from '../metrics/addressCells.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { MetricsInput } from '../metrics/metricsInput.ts';
import type { ObservedTarget } from '../metrics/observedParts.ts';
import { thinLine } from '../report/chart/lineChart.ts';
import { describeSchemes } from './describeSchemes.ts';
import { describeTarget, findTarget, formatTargetKey } from './describeTarget.ts';
import type { TargetSettings } from './describeTarget.ts';
import type { SummaryEvent, ViewEvent, ZoomEvent } from './liveEvents.ts';
import { createLiveView } from './liveView.ts';
import { encodeObservation } from './encodeObservation.ts';
import { createWallTime } from './wallTime.ts';

export interface LiveFramesOptions {
  /** Undefined before anything was read. */
  readonly observe: () => Observation | undefined;
  readonly metrics: Pick<Metrics, 'read'>;
  readonly settings: TargetSettings & { readonly wssThresholdSamples: number };
  /** Of the observed kernel. */
  readonly clock: Clock;
  readonly version: string;
}

/** Asked for by a watcher. */
export interface ViewRequest {
  /** As `formatTargetKey` gives it. */
  readonly target: string;
  /** A part of its addresses to look at closer; undefined: all that is monitored. */
  readonly range: Range | undefined;
}

/** A target as it is told to its watchers. */
export interface WatchedView {
  readonly target: string;
  add(snapshot: Snapshot): void;
  /** Number of the column that comes next. */
  readonly next: number;
  /** For somebody who begins to watch. */
  openText(input: MetricsInput): string;
  /** For somebody who has the columns before this number. */
  textSince(number: number, input: MetricsInput): string;
}

export interface LiveFrames {
  /** What all texts of one moment are made from. */
  read(): MetricsInput;
  /** For everybody. */
  summaryText(input: MetricsInput): string;
  createView(request: ViewRequest): WatchedView;
}

/** Rows of a heatmap: about two pixels each. */
const NR_ROWS = 192;

/** As server-sent events have it: JSON has no line breaks of its own. */
function formatEvent(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}

function encodeRecord({ record }: MetricsInput): SummaryEvent['record'] {
  if (record === undefined) return null;
  const { isRecording, sizeBytes, droppedSnapshots, errors } = record;
  return { isRecording, sizeBytes, droppedSnapshots, errors };
}

/** As it is asked for. */
function formatRange({ start, end }: Range): string {
  return `${BigInt(start).toString(16)}-${BigInt(end).toString(16)}`;
}

/** Makes the texts of the stream; what is the same for several watchers is to be asked for once. */
export function createLiveFrames(options: LiveFramesOptions): LiveFrames {
  const { observe, metrics, settings, clock, version } = options;
  const { wssThresholdSamples } = settings;
  const toWallMs = createWallTime(clock);

  const listHistory = (
    { key }: ObservedTarget,
    { accumulators }: MetricsInput,
  ): NonNullable<ViewEvent['wssHistory']> => {
    const series = accumulators.readWssSeries(key);
    if (series === undefined) return [];
    const positions = Array.from(series.endNs, toWallMs);
    return thinLine({ positions, bytes: series.bytes });
  };

  const describe = (target: string, input: MetricsInput): ViewEvent['detail'] => {
    const found = findTarget(input, target);
    return found === undefined ? null : describeTarget(found, input, settings);
  };

  const createView = ({ target, range }: ViewRequest): WatchedView => {
    const view = createLiveView({ nrRows: NR_ROWS, range, wssThresholdSamples, toWallMs });
    /** The parts that only one of the two events has. */
    const format = (input: MetricsInput, heat: Omit<ZoomEvent, 'range'>, first: object): string =>
      range === undefined
        ? formatEvent('view', {
            ...heat,
            ...first,
            detail: describe(target, input),
          } satisfies ViewEvent)
        : formatEvent('zoom', { ...heat, range: formatRange(range) } satisfies ZoomEvent);
    return {
      target,
      add: (snapshot) => {
        view.add(snapshot);
      },
      get next() {
        return view.next;
      },
      textSince: (number, input) => {
        const batch = view.since(number);
        const nrMissed = view.next - number - batch.columns.length;
        return format(input, { target, ...batch, nrMissed }, {});
      },
      openText: (input) => {
        const found = findTarget(input, target);
        const batch = view.since(0);
        const past = found && view.describePast(found.target.latest);
        const layouts = [...batch.layouts, ...(past?.layouts ?? [])];
        return format(
          input,
          {
            target,
            layouts: [...new Map(layouts.map((layout) => [layout.id, layout])).values()],
            columns: batch.columns,
            past: past?.columns ?? [],
            nrMissed: 0,
          },
          { wssHistory: found === undefined ? [] : listHistory(found, input) },
        );
      },
    };
  };

  return {
    read: () => metrics.read(observe()),
    summaryText: (input) => {
      const { observation, nowNs, process } = input;
      const { cpuSeconds, residentBytes } = process;
      if (observation === undefined) return formatEvent('waiting', {});
      return formatEvent('summary', {
        version,
        wallMs: toWallMs(nowNs),
        ...encodeObservation(observation, { wssThresholdSamples, nowNs }),
        schemes: describeSchemes(input),
        record: encodeRecord(input),
        process: { cpuSeconds, residentBytes },
      } satisfies SummaryEvent);
    },
    createView,
  };
}

/** What a snapshot's target is asked for by. */
export function targetKeyOf({ kdamond, contextIndex, target }: Snapshot): string {
  return formatTargetKey({ key: { kdamond: kdamond.label, contextIndex, target } });
}
