import { rememberFor } from '../base/rememberFor.ts';
import type { AddressCells } from './addressCells.ts';
import type { FamilySpec, HistogramPoint, Labels, ScalarPoint } from './metricFamily.ts';
import type { MetricsInput } from './metricsInput.ts';
import { listTargets, TARGET_ABSENT, TARGET_LABELS } from './observedParts.ts';

const LABELS = [...TARGET_LABELS, 'layout'];

function heatPoints({ observation, accumulators }: MetricsInput): HistogramPoint[] {
  return listTargets(observation).flatMap(({ labels, key }) => {
    const heat = accumulators.readHeat(key);
    return heat === undefined
      ? []
      : [{ labels: { ...labels, layout: heat.cells.layout }, ...heat.readHistogram() }];
  });
}

function formatAddress(address: number): string {
  return `0x${BigInt(address).toString(16)}`;
}

interface LabelledCells {
  readonly cells: AddressCells;
  /** Of the target. */
  readonly labels: Labels;
}

function makeCellPoints({ cells, labels }: LabelledCells): ScalarPoint[] {
  return Array.from(cells.starts, (start, index) => ({
    labels: {
      ...labels,
      layout: cells.layout,
      cell: String(index).padStart(4, '0'),
      start: formatAddress(start),
      end: formatAddress(cells.ends[index] ?? 0),
    },
    value: 1,
  }));
}

/** Cells stay for minutes, and so do their points: most of the work would be done in vain. */
function createCellPoints(): (labelled: LabelledCells) => readonly ScalarPoint[] {
  const findByLabels = rememberFor((_: AddressCells) => new Map<string, readonly ScalarPoint[]>());
  return (labelled) => {
    const byLabels = findByLabels(labelled.cells);
    const key = JSON.stringify(labelled.labels);
    const points = byLabels.get(key) ?? makeCellPoints(labelled);
    byLabels.set(key, points);
    return points;
  };
}

const findCellPoints = createCellPoints();

function cellPoints({ observation, accumulators }: MetricsInput): ScalarPoint[] {
  return listTargets(observation).flatMap(({ labels, key }) => {
    const cells = accumulators.readHeat(key)?.cells;
    return cells === undefined ? [] : findCellPoints({ cells, labels });
  });
}

/** Where memory is accessed. */
export const ADDRESS_FAMILIES: readonly FamilySpec<MetricsInput>[] = [
  {
    name: 'damon_address_heat',
    otelName: 'damon.address_heat',
    unit: '{address}',
    kind: 'histogram',
    help: 'Byte-seconds weighed by access ratio, by address: the rate of a bucket is in bytes, of which one accessed half of the time counts half. Bounds are the ends of cells laid over what is monitored; cells laid anew are another layout, whose histogram begins at 0.',
    kernelSource: 'trace damon_aggregated, or tried_regions/',
    absent: `${TARGET_ABSENT}, while the sampling interval is not known, and with \`--metrics.address-cells 0\``,
    example: {
      answers: 'A heatmap of one target, in bytes weighed by access ratio.',
      query: 'sum by (le) (rate(damon_address_heat_bucket{kdamond="0", target="0"}[5m]))',
    },
    labels: LABELS,
    computePoints: heatPoints,
  },
  {
    name: 'damon_address_cell_info',
    otelName: 'damon.address_cell.info',
    unit: '',
    kind: 'info',
    help: 'First byte of each cell of damon_address_heat, and the first one after it (its bound), in hexadecimal.',
    absent: 'as damon_address_heat',
    example: {
      answers: 'Layouts of the last hour: where there is more than one, cells were laid anew.',
      query:
        'count without (layout) (group without (cell, start, end) (last_over_time(damon_address_cell_info[1h])))',
    },
    labels: [...LABELS, 'cell', 'start', 'end'],
    computePoints: cellPoints,
  },
];
