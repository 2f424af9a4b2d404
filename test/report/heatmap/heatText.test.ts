import { describe, expect, test } from 'vitest';
import {
  writeHeatColumns,
  writeHeatCsv,
  writeHeatJson,
} from '../../../src/report/heatmap/heatColumns.ts';
import type { HeatMatrix } from '../../../src/report/heatmap/heatMatrix.ts';
import {
  TERMINAL_COLOR_SETS,
  formatTerminalHeatmap,
} from '../../../src/report/heatmap/terminalHeatmap.ts';
import { createMemorySink, makeStream } from '../../support/recordedSnapshots.ts';

const MATRIX: HeatMatrix = {
  timeRange: { startNs: 5_000_000_000n, endNs: 5_200_000_000n },
  addressRange: { startAddr: 0x7f00_0000_0000n, endAddr: 0x7f00_0000_3000n },
  nrTimes: 2,
  nrAddresses: 3,
  values: Float64Array.of(0, 200, NaN, 117.055_686_248_209_7, 1e-5, 19.9),
  unit: 'hz',
  maxValue: 200,
  stream: makeStream({ targetId: '18446623438842320000' }),
  clockBase: undefined,
};

const RELATIVE = { isAbsoluteTime: false, isAbsoluteAddress: false };

describe('three columns', () => {
  test('are time, address and heat from the start of the ranges; unobserved is 0.0', async () => {
    const sink = createMemorySink();
    await writeHeatColumns(sink, MATRIX, RELATIVE);
    expect(sink.text()).toBe(
      '0\t0\t0.0\n0\t4096\t200.0\n0\t8192\t0.0\n' +
        '100000000\t0\t117.0556862482097\n100000000\t4096\t1e-05\n100000000\t8192\t19.9\n',
    );
  });

  test('have recorded times and full addresses where asked for', async () => {
    const sink = createMemorySink();
    await writeHeatColumns(sink, MATRIX, { isAbsoluteTime: true, isAbsoluteAddress: true });
    expect(sink.text().split('\n').slice(1, 4)).toEqual([
      '5000000000\t139637976731648\t200.0',
      '5000000000\t139637976735744\t0.0',
      '5100000000\t139637976727552\t117.0556862482097',
    ]);
  });
});

test("the three columns are damo's example for the record behind it", async () => {
  const sink = createMemorySink();
  const [startNs, startAddr] = [539_914_032_967n, 0x7f93_8d7e_1000n];
  const example: HeatMatrix = {
    ...MATRIX,
    timeRange: { startNs, endNs: startNs + 3n * 66_112_620_851n },
    addressRange: { startAddr, endAddr: startAddr + 3n * 7_609_002n },
    nrTimes: 3,
    values: new Float64Array(9).fill(NaN),
  };
  await writeHeatColumns(sink, example, RELATIVE);
  // The document shows tabs as columns of 16.
  const shown = sink.text().replaceAll(/(\S+)\t/g, (_, word: string) => word.padEnd(16));
  expect(shown).toBe(`\
0               0               0.0
0               7609002         0.0
0               15218004        0.0
66112620851     0               0.0
66112620851     7609002         0.0
66112620851     15218004        0.0
132225241702    0               0.0
132225241702    7609002         0.0
132225241702    15218004        0.0
`);
});

test('CSV has a heading with the unit, and nothing for what was not observed', async () => {
  const sink = createMemorySink();
  await writeHeatCsv(sink, MATRIX, RELATIVE);
  expect(sink.text().split('\n').slice(0, 4)).toEqual([
    'time_ns,address,heat_hz',
    '0,0,0',
    '0,4096,200',
    '0,8192,',
  ]);
});

test('JSON has the ranges, the unit, and null for what was not observed', async () => {
  const sink = createMemorySink();
  await writeHeatJson(sink, MATRIX);
  expect(JSON.parse(sink.text())).toEqual({
    kdamond: null,
    context: null,
    scheme: null,
    target_id: '18446623438842320000',
    target_name: null,
    unit: 'hz',
    max_value: 200,
    time: { start_ns: '5000000000', end_ns: '5200000000', cells: 2 },
    address: { start: '139637976727552', end: '139637976739840', cells: 3 },
    values: [
      [0, 200, null],
      [117.055_686_248_209_7, 0.000_01, 19.9],
    ],
  });
});

describe('the terminal heatmap', () => {
  const legend =
    '# x-axis: space (139637976727552-139637976739840: 12.000 KiB)\n' +
    '# y-axis: time (5000000000-5200000000: 200 ms)\n' +
    '# resolution: 3x2 (4.000 KiB and 100 ms for each character)\n';

  test('is plain digits where nobody interprets colours', () => {
    expect(formatTerminalHeatmap(MATRIX, { colorSet: 'gray', isColored: false })).toBe(
      `09 \n500\n# access_frequency: 0123456789 (0.000-200.000 hz)\n${legend}`,
    );
  });

  test('has a colour for each level and none for what was not observed', () => {
    const text = formatTerminalHeatmap(MATRIX, { colorSet: 'gray', isColored: true });
    expect(text.split('\n')[0]).toBe(
      '\u001b[48;5;232m\u001b[38;5;237m0\u001b[48;5;232m\u001b[38;5;255m9\u001b[0m \u001b[0m',
    );
  });

  test.each(TERMINAL_COLOR_SETS)("%s has damo's colours", async (colorSet) => {
    const text = formatTerminalHeatmap(MATRIX, { colorSet, isColored: true });
    const scale = text.split('\n').find((line) => line.startsWith('# access'))!;
    const colors = [...scale.matchAll(/48;5;(\d+)m.\[38;5;(\d+)m(\d)/g)].map((match) =>
      match.slice(1).join(' '),
    );
    expect(colors).toHaveLength(10);
    await expect(`${colors.join('\n')}\n`).toMatchFileSnapshot(
      `../../golden/report/terminalColors.${colorSet}.txt`,
    );
  });

  test('of nothing but zeros is zeros', () => {
    const cold = { ...MATRIX, values: new Float64Array(6) };
    expect(formatTerminalHeatmap(cold, { colorSet: 'gray', isColored: false })).toMatch(
      /^000\n000\n# access_frequency: 0123456789 \(0\.000-0\.000 hz\)/,
    );
  });
});
