/** A duration as it is meant, like "5m"; what comes back is what goes into the rule. */
export type Timed = (duration: string) => string;

export interface RecordingRule {
  readonly record: string;
  readonly expr: string;
}

export interface AlertRule {
  /** Also the heading of its section in docs/runbooks.md. */
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: 'critical' | 'warning' | 'info';
  readonly summary: string;
  readonly description: string;
}

/** What one exporter is known by; `cluster` comes from the scrape configuration, if at all. */
export const BY_HOST = 'cluster, job, instance';
/** What one context of a kdamond is known by. */
export const BY_CONTEXT: string = [BY_HOST, 'kdamond, context'].join(', ');
/** What one monitored target is known by. */
export const BY_TARGET: string = [BY_CONTEXT, 'target'].join(', ');
/** What one scheme is known by. */
export const BY_SCHEME: string = [BY_CONTEXT, 'scheme'].join(', ');

/** The contexts that watch physical memory. The kernel's own modules do, and have no sysfs state. */
export const PHYSICAL_CONTEXTS: string = [
  '(',
  `    group by (${BY_CONTEXT}) (damon_context_info{operations="paddr"})`,
  '  or',
  `    group by (${BY_CONTEXT}) (damon_regions{kdamond=~"damon_.+"})`,
  ')',
].join('\n');

/** Durations as they are shipped. */
export function keepDuration(duration: string): string {
  return duration;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** Durations divided by a number, for tests in which a day has to pass in minutes. */
export function createFasterDurations(factor: number): Timed {
  return (duration) => {
    const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(duration) ?? [];
    const unitMs = UNIT_MS[unit];
    if (unitMs === undefined) throw new RangeError(`duration: found "${duration}", expected "5m"`);
    return `${Math.max(1, Math.round((Number(count) * unitMs) / factor))}ms`;
  };
}
