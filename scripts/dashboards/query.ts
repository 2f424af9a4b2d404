import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';

/** One PromQL expression of a panel. */
export interface Query {
  readonly expr: string;
  /** Text or template like `{{target}}`; for tables unused. */
  readonly legend?: string;
  /** The newest value only. */
  readonly isInstant?: boolean;
}

/** Series of the hosts chosen by the variables. */
export const HOSTS = 'cluster=~"$cluster",job=~"$job",instance=~"$instance"';
/** Series of the chosen kdamond of one host. */
export const KDAMOND: string = [HOSTS, 'kdamond=~"$kdamond"'].join(',');
/** Series of its chosen targets. */
export const TARGETS: string = [KDAMOND, 'target=~"$target"'].join(',');

const BY_TARGET = 'cluster, job, instance, kdamond, context, target';

/** Adds the label `command`, empty for physical memory, to series of targets. */
export function withCommand(expr: string): string {
  return `${expr}\n* on (${BY_TARGET}) group_left (command) damon_target_info`;
}

/** What one target is called in legends. */
export const TARGET_LEGEND = '{{target}} {{command}}';

const REF_IDS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Queries A, B, C, … of a panel, in a format its kind of picture reads. */
export function buildQueries(
  queries: readonly Query[],
  format: 'time_series' | 'table' | 'heatmap',
): DataqueryBuilder[] {
  const formats = {
    time_series: PromQueryFormat.TimeSeries,
    table: PromQueryFormat.Table,
    heatmap: PromQueryFormat.Heatmap,
  };
  return queries.map(({ expr, legend, isInstant }, index) => {
    const query = new DataqueryBuilder()
      .refId(REF_IDS[index] ?? '')
      .expr(expr)
      .format(formats[format]);
    if (legend !== undefined) query.legendFormat(legend);
    return isInstant === true ? query.instant() : query.range();
  });
}
