import { computeTimeTicks } from './axisTicks.ts';
import type { ChartTitle } from './chartParts.ts';
import type { LineChart } from './lineChart.ts';
import { spanOfSeconds } from './wssCharts.ts';

/** Counters of one scheme as they grew. All columns have the same length. */
export interface SchemeLine {
  readonly label: string;
  /** Seconds since the start of the record, ascending. */
  readonly seconds: ArrayLike<number>;
  readonly triedBytes: ArrayLike<number>;
  readonly appliedBytes: ArrayLike<number>;
}

export interface SchemesChart extends ChartTitle {
  readonly schemes: readonly SchemeLine[];
}

/** What schemes tried (dashed) and did, added up since they began. */
export function drawSchemes({ title, subtitle, schemes }: SchemesChart): LineChart {
  const end = spanOfSeconds(schemes);
  const { unit } = computeTimeTicks({ start: 0, end, nrWanted: 5 });
  return {
    title,
    subtitle,
    lines: schemes.flatMap(({ label, seconds, triedBytes, appliedBytes }) => {
      const common = { positions: seconds, isStepped: true, marks: [] };
      return [
        { ...common, label: `${label}: applied`, bytes: appliedBytes, isDashed: false },
        { ...common, label: `${label}: tried (dashed)`, bytes: triedBytes, isDashed: true },
      ];
    }),
    linesPerColor: 2,
    bytesName: 'Bytes since the start',
    positionName: `Time since the start of the record (${unit})`,
    positionSpan: [0, end],
    positionTicks: (nrWanted: number) => computeTimeTicks({ start: 0, end, nrWanted }),
  };
}
