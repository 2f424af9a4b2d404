import { formatPythonFloat } from '../../base/pythonText.ts';
import { AsciiBuffer } from '../asciiBuffer.ts';
import { formatCsvRow } from '../csv.ts';
import type { ReportSink } from '../sink.ts';
import type { HeatMatrix } from './heatMatrix.ts';

/** How the time and address of a cell are told: from the start of the range, or as recorded. */
export interface HeatAxes {
  readonly isAbsoluteTime: boolean;
  readonly isAbsoluteAddress: boolean;
}

interface CellStarts {
  readonly times: readonly string[];
  readonly addresses: readonly string[];
}

function listStarts(start: bigint, end: bigint, count: number, isAbsolute: boolean): string[] {
  const cell = (end - start) / BigInt(count);
  const origin = isAbsolute ? start : 0n;
  return Array.from({ length: count }, (_, index) => (origin + cell * BigInt(index)).toString());
}

function listCellStarts(matrix: HeatMatrix, axes: HeatAxes): CellStarts {
  const { timeRange, addressRange, nrTimes, nrAddresses } = matrix;
  return {
    times: listStarts(timeRange.startNs, timeRange.endNs, nrTimes, axes.isAbsoluteTime),
    addresses: listStarts(
      addressRange.startAddr,
      addressRange.endAddr,
      nrAddresses,
      axes.isAbsoluteAddress,
    ),
  };
}

/** What of a line goes before and behind the value, beside the time and the address. */
interface LineFormat {
  readonly separator: string;
  readonly formatValue: (value: number) => string;
}

/** A line for each cell, moment after moment. */
async function writeLines(
  sink: ReportSink,
  matrix: HeatMatrix,
  { times, addresses }: CellStarts,
  { separator, formatValue }: LineFormat,
): Promise<void> {
  const { values, nrAddresses } = matrix;
  const middles = addresses.map((address) => `${separator}${address}${separator}`);
  const buffer = new AsciiBuffer();
  for (const [row, time] of times.entries()) {
    const first = row * nrAddresses;
    for (let column = 0; column < nrAddresses; column += 1) {
      buffer.text(time);
      buffer.text(middles[column] ?? '');
      buffer.text(formatValue(values[first + column] ?? NaN));
      buffer.text('\n');
      if (buffer.isFull) await sink.write(buffer.take());
    }
  }
  await sink.write(buffer.take());
}

/** damo's three columns: time in ns, address, heat; what was not observed reads 0.0. */
export async function writeHeatColumns(
  sink: ReportSink,
  matrix: HeatMatrix,
  axes: HeatAxes,
): Promise<void> {
  const formatValue = (value: number): string => formatPythonFloat(Number.isNaN(value) ? 0 : value);
  await writeLines(sink, matrix, listCellStarts(matrix, axes), { separator: '\t', formatValue });
}

/** The same with a heading; what was not observed is empty. */
export async function writeHeatCsv(
  sink: ReportSink,
  matrix: HeatMatrix,
  axes: HeatAxes,
): Promise<void> {
  await sink.write(formatCsvRow(['time_ns', 'address', `heat_${matrix.unit}`]));
  const formatValue = (value: number): string => (Number.isNaN(value) ? '' : String(value));
  await writeLines(sink, matrix, listCellStarts(matrix, axes), { separator: ',', formatValue });
}

function encodeHead(matrix: HeatMatrix): string {
  const { timeRange, addressRange, nrTimes, nrAddresses, unit, maxValue, stream } = matrix;
  return JSON.stringify({
    kdamond: stream.kdamond ?? null,
    context: stream.contextIndex ?? null,
    scheme: stream.schemeIndex ?? null,
    target_id: stream.targetId ?? null,
    target_name: stream.targetName ?? null,
    unit,
    max_value: maxValue ?? null,
    time: {
      start_ns: timeRange.startNs.toString(),
      end_ns: timeRange.endNs.toString(),
      cells: nrTimes,
    },
    address: {
      start: addressRange.startAddr.toString(),
      end: addressRange.endAddr.toString(),
      cells: nrAddresses,
    },
  });
}

/**
 * One object: both ranges (64-bit values as decimal text), the unit, and `values` with one array of
 * cells for each moment; null is what was not observed.
 */
export async function writeHeatJson(sink: ReportSink, matrix: HeatMatrix): Promise<void> {
  await sink.write(`${encodeHead(matrix).slice(0, -1)},"values":[\n`);
  for (let row = 0; row < matrix.nrTimes; row++) {
    const first = row * matrix.nrAddresses;
    // JSON.stringify gives null for NaN.
    const cells = JSON.stringify([...matrix.values.subarray(first, first + matrix.nrAddresses)]);
    await sink.write(`${cells}${row + 1 < matrix.nrTimes ? ',' : ''}\n`);
  }
  await sink.write(']}\n');
}
