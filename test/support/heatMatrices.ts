import type { RecordedStream } from '../../src/record/recording.ts';
import type { HeatMatrix } from '../../src/report/heatmap/heatMatrix.ts';
import type { HeatmapChart } from '../../src/report/chart/heatmapAxes.ts';

const STREAM: RecordedStream = {
  kdamond: '0',
  contextIndex: 0,
  schemeIndex: undefined,
  targetId: '42',
  targetName: 'stairs',
  intervals: undefined,
  schemeFilters: [],
  dataSource: undefined,
};

/** Five stairs up and to the right at 200 Hz, and nothing observed in the last corner. */
export function stairMatrix(nrTimes: number, nrAddresses: number): HeatMatrix {
  const values = new Float64Array(nrTimes * nrAddresses);
  for (let time = 0; time < nrTimes; time += 1) {
    for (let address = 0; address < nrAddresses; address += 1) {
      const stair = Math.floor((time * 5) / nrTimes);
      const isOnStair = Math.floor((address * 5) / nrAddresses) === stair;
      const isUnobserved = time >= nrTimes * 0.9 && address < nrAddresses * 0.1;
      values[time * nrAddresses + address] = isUnobserved ? NaN : isOnStair ? 200 : 0;
    }
  }
  return {
    timeRange: { startNs: 5_000_000_000n, endNs: 61_000_000_000n },
    addressRange: { startAddr: 0x7f938d7e1000n, endAddr: 0x7f938d7e1000n + 206_409_728n },
    nrTimes,
    nrAddresses,
    values,
    unit: 'hz',
    maxValue: 200,
    stream: STREAM,
    clockBase: { recordNs: 5_000_000_000n, wallMs: Date.UTC(2026, 1, 3, 23, 59, 30) },
  };
}

export function heatmapChart(matrix: HeatMatrix): HeatmapChart {
  return {
    matrix,
    targetName: 'target 42 (stairs)',
    recordName: 'damon.data',
    recordStartNs: 5_000_000_000n,
    isAbsTime: false,
    isAbsAddr: false,
  };
}
