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
import type { SummaryEvent, ViewEvent } from './liveEvents.ts';
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
  /** Undefined: all that is monitored. */
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

  const createView = ({ target, range }: ViewRequest): WatchedView => {
    const view = createLiveView({ nrRows: NR_ROWS, range, wssThresholdSamples, toWallMs });
    const describe = (found: ObservedTarget | undefined, input: MetricsInput) =>
      found === undefined ? null : describeTarget(found, input, settings);
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
        const detail = describe(findTarget(input, target), input);
        return formatEvent('view', { target, detail, ...batch, nrMissed } satisfies ViewEvent);
      },
      openText: (input) => {
        const found = findTarget(input, target);
        const batch = view.since(0);
        const past = found && view.describePast(found.target.latest);
        return formatEvent('view', {
          target,
          detail: describe(found, input),
          layouts: [
            ...new Map([...batch.layouts, ...(past?.layouts ?? [])].map((l) => [l.id, l])).values(),
          ],
          columns: batch.columns,
          past: past?.columns ?? [],
          wssHistory: found === undefined ? [] : listHistory(found, input),
          nrMissed: 0,
        } satisfies ViewEvent);
      },
    };
  };

  return {
    read: () => metrics.read(observe()),
    summaryText: (input) => {
      const { observation, nowNs } = input;
      if (observation === undefined) return formatEvent('waiting', {});
      return formatEvent('summary', {
        version,
        wallMs: toWallMs(nowNs),
        ...encodeObservation(observation, { wssThresholdSamples, nowNs }),
        schemes: describeSchemes(input),
        record: encodeRecord(input),
      } satisfies SummaryEvent);
    },
    createView,
  };
}

/** What a snapshot's target is asked for by. */
export function targetKeyOf({ kdamond, contextIndex, target }: Snapshot): string {
  return formatTargetKey({ key: { kdamond: kdamond.label, contextIndex, target } });
}
