import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AxisPlacement,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import {
  DashboardLinkBuilder,
  DashboardLinkType,
  ThresholdsConfigBuilder,
  ThresholdsMode,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { DashboardLink, Panel, Threshold } from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';
import { formatRunbookUrl } from '../rules/runbooks.ts';
import { buildQueries } from './query.ts';
import type { Query } from './query.ts';

/** Grafana's names of units. */
type Unit =
  'bytes' | 'binBps' | 's' | 'dtdhms' | 'percentunit' | 'short' | 'ops' | 'none' | 'hex0x';

export interface PanelHead {
  readonly title: string;
  /** What is seen, and what to make of it: the panel's tooltip. */
  readonly description: string;
  readonly unit: Unit;
  /** Of 24. */
  readonly width: number;
  readonly queries: readonly Query[];
  /** The alert about what is seen here. */
  readonly alert?: string;
}

export type PanelBuilder = Builder<Panel>;

const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const HEIGHT = 9;
const STAT_HEIGHT = 4;

interface Headed<T> {
  title(title: string): T;
  description(description: string): T;
  unit(unit: string): T;
  datasource(datasource: typeof DATASOURCE): T;
  links(links: Builder<DashboardLink>[]): T;
  span(width: number): T;
  height(height: number): T;
}

function applyHead<T extends Headed<T>>(panel: T, head: PanelHead, height: number): T {
  const { title, description, unit, width, alert } = head;
  const links = (alert === undefined ? [] : [alert]).map((name) =>
    new DashboardLinkBuilder(`Runbook: ${name}`)
      .type(DashboardLinkType.Link)
      .url(formatRunbookUrl(name))
      .targetBlank(true),
  );
  return panel
    .title(title)
    .description(description)
    .unit(unit)
    .datasource(DATASOURCE)
    .links(links)
    .span(width)
    .height(height);
}

export interface SeriesOptions {
  readonly isStacked?: boolean;
  /** Share of something: the axis ends at 1. */
  readonly isShare?: boolean;
  /** Values below 0 mean something. */
  readonly isSigned?: boolean;
}

/** Lines over time. */
export function seriesPanel(head: PanelHead, options: SeriesOptions = {}): PanelBuilder {
  const panel = applyHead(new timeseries.PanelBuilder(), head, HEIGHT)
    .targets(buildQueries(head.queries, 'time_series'))
    .drawStyle(GraphDrawStyle.Line)
    .lineWidth(1)
    .fillOpacity(options.isStacked === true ? 30 : 5)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'max']),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
  if (options.isStacked === true)
    panel.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
  if (options.isSigned !== true) panel.min(0);
  if (options.isShare === true) panel.max(1);
  return panel;
}

export interface StatOptions {
  /** From this value on the number is red. */
  readonly alarmFrom?: number;
  readonly hasSparkline?: boolean;
}

/** One number, the newest. */
export function statPanel(head: PanelHead, options: StatOptions = {}): PanelBuilder {
  const steps: Threshold[] = [{ value: null, color: 'text' }];
  if (options.alarmFrom !== undefined) steps.push({ value: options.alarmFrom, color: 'red' });
  return applyHead(new stat.PanelBuilder(), head, STAT_HEIGHT)
    .targets(buildQueries(head.queries, 'time_series'))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
    .graphMode(options.hasSparkline === true ? BigValueGraphMode.Area : BigValueGraphMode.None)
    .colorMode(BigValueColorMode.Value)
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps));
}

export interface HeatmapOptions {
  /** What the buckets' bounds are counted in. */
  readonly boundUnit: Unit;
  readonly boundLabel: string;
  /** A variable; the panel is repeated for each of its values. */
  readonly repeat?: string;
}

/** Cumulative buckets (`sum by (le)`) over time; Grafana takes them apart. */
export function heatmapPanel(head: PanelHead, options: HeatmapOptions): PanelBuilder {
  const panel = applyHead(new heatmap.PanelBuilder(), head, HEIGHT)
    .targets(buildQueries(head.queries, 'heatmap'))
    .calculate(false)
    .cellGap(0)
    .color(
      new heatmap.HeatmapColorOptionsBuilder()
        .mode(heatmap.HeatmapColorMode.Scheme)
        .scale(heatmap.HeatmapColorScale.Exponential)
        .scheme('Turbo')
        .exponent(0.5)
        .steps(64),
    )
    .cellValues(new heatmap.CellValuesBuilder().unit(head.unit))
    .yAxis(
      new heatmap.YAxisConfigBuilder()
        .unit(options.boundUnit)
        .axisLabel(options.boundLabel)
        .axisPlacement(AxisPlacement.Left),
    )
    .tooltip(
      new heatmap.HeatmapTooltipBuilder()
        .mode(TooltipDisplayMode.Single)
        .yHistogram(true)
        .showColorScale(true),
    )
    .maxDataPoints(300);
  if (options.repeat !== undefined) panel.repeat(options.repeat).maxPerRow(2);
  return panel;
}

export interface TableOptions {
  /** Heads of the columns in order, by field: a label, or `Value #A` for what query A gives. */
  readonly columns: Readonly<Record<string, string>>;
  /** Units of columns, by head, where they differ from the panel's. */
  readonly units?: Readonly<Record<string, Unit>>;
  /** Address that a click on the first column leads to. */
  readonly link?: { readonly title: string; readonly url: string };
}

/** One row for each set of labels, one column for each query. */
export function tablePanel(head: PanelHead, options: TableOptions): PanelBuilder {
  const { columns, units = {}, link } = options;
  const instant = head.queries.map((query) => ({ ...query, isInstant: true }));
  const fields = Object.keys(columns);
  const panel = applyHead(new table.PanelBuilder(), head, HEIGHT)
    .targets(buildQueries(instant, 'table'))
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'filterFieldsByName',
      options: { include: { names: fields } },
    })
    .withTransformation({
      id: 'organize',
      options: {
        indexByName: Object.fromEntries(fields.map((field, index) => [field, index])),
        renameByName: columns,
      },
    });
  for (const [column, unit] of Object.entries(units)) {
    panel.overrideByName(column, [{ id: 'unit', value: unit }]);
  }
  const first = Object.values(columns)[0];
  if (link !== undefined && first !== undefined) {
    panel.overrideByName(first, [{ id: 'links', value: [link] }]);
  }
  return panel;
}
