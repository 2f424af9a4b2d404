import { VariableType } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';

/** One query of a panel, as it stands in the file. */
export interface PanelQuery {
  readonly row: string;
  readonly panel: string;
  readonly refId: string;
  readonly expr: string;
}

/** Panels with the row each belongs to; rows themselves are none. */
export function listPanels(dashboard: Dashboard): readonly { row: string; panel: Panel }[] {
  let row = '';
  return (dashboard.panels ?? []).flatMap((item) => {
    if (!('panels' in item)) return [{ row, panel: item }];
    row = item.title ?? '';
    return item.panels.map((panel) => ({ row, panel }));
  });
}

/** Queries of a dashboard in the order of its panels. */
export function listQueries(dashboard: Dashboard): readonly PanelQuery[] {
  return listPanels(dashboard).flatMap(({ row, panel }) =>
    (panel.targets ?? []).map((target) => {
      const { refId, expr } = target as unknown as { refId: string; expr: string };
      return { row, panel: panel.title ?? '', refId, expr };
    }),
  );
}

/** What the variables of a dashboard ask a Prometheus for, as `label_values(METRIC, LABEL)`. */
export function listVariableQueries(dashboard: Dashboard): readonly string[] {
  return (dashboard.templating.list ?? []).flatMap(({ type, query }) =>
    type === VariableType.Query && typeof query === 'string' ? [query] : [],
  );
}
