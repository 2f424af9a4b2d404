import type { SummaryEvent, TargetDetail } from '../live/liveEvents.ts';
import type { ThemeName } from '../report/chart/chartContext.ts';
import type { Zone } from './clockText.ts';
import type { ConnectionState } from './connectionState.ts';
import type { TimeWindow } from './heatWindow.ts';
import type { HeatHistory, TargetHistory } from './history.ts';

/** Times that can be shown, in seconds. */
export const SPANS_SECONDS = [60, 300, 900, 3600] as const;

/** Addresses that are looked at closer, in hexadecimal. */
export interface AddressZoom {
  readonly start: string;
  readonly end: string;
}

/** All that the page shows, and how. */
export interface PageState {
  connection: ConnectionState;
  summary: SummaryEvent | undefined;
  /** The target that is looked at. */
  key: string | undefined;
  detail: TargetDetail | undefined;
  /** Columns that came too fast for this connection. */
  nrMissed: number;
  readonly histories: Map<string, TargetHistory>;
  zoom: AddressZoom | undefined;
  /** What was seen of that range; undefined while all is looked at. */
  closer: HeatHistory | undefined;
  spanSeconds: number;
  /** Stands still at this time; undefined: follows what is new. */
  held: TimeWindow | undefined;
  zone: Zone;
  theme: ThemeName;
}

/** Of the zoom's range, as the stream is asked for it and tells it. */
export function formatZoom({ start, end }: AddressZoom): string {
  return `${start}-${end}`;
}

/** The time that is shown: up to now, or where it was held. */
export function findWindow({ held, spanSeconds, summary }: PageState): TimeWindow {
  if (held !== undefined) return held;
  const endMs = summary?.wallMs ?? 0;
  return { startMs: endMs - spanSeconds * 1e3, endMs };
}

/** What an address of the page says: which target, how close, how long. */
export interface Place {
  readonly key: string | undefined;
  readonly zoom: AddressZoom | undefined;
  readonly spanSeconds: number | undefined;
}

export function parsePlace(hash: string): Place {
  const parts = new URLSearchParams(hash.replace(/^#/, ''));
  const zoom = /^([0-9a-f]{1,16})-([0-9a-f]{1,16})$/.exec(parts.get('range') ?? '');
  const spanSeconds = Number(parts.get('span'));
  return {
    key: parts.get('target') ?? undefined,
    zoom: zoom === null ? undefined : { start: zoom[1] ?? '', end: zoom[2] ?? '' },
    spanSeconds: SPANS_SECONDS.find((span) => span === spanSeconds),
  };
}

export function formatPlace({ key, zoom, spanSeconds }: Place): string {
  const parts = new URLSearchParams();
  if (key !== undefined) parts.set('target', key);
  if (zoom !== undefined) parts.set('range', formatZoom(zoom));
  if (spanSeconds !== undefined) parts.set('span', String(spanSeconds));
  return `#${parts.toString()}`;
}

/** What the stream is asked for. */
export function formatStreamUrl({ key, zoom }: Pick<Place, 'key' | 'zoom'>): string {
  if (key === undefined) return 'live/events';
  const parts = new URLSearchParams({ target: key });
  if (zoom !== undefined) parts.set('range', formatZoom(zoom));
  return `live/events?${parts.toString()}`;
}
