/**
 * The numbers Python's range(start, stop, step) gives.
 *
 * @throws RangeError when the step is 0 or not whole.
 */
export function listRange(start: number, stop: number, step: number): number[] {
  if (![start, stop, step].every(Number.isSafeInteger) || step === 0) {
    throw new RangeError(
      `--range: found "${start} ${stop} ${step}", expected three whole numbers, the last not 0`,
    );
  }
  const count = Math.max(0, Math.ceil((stop - start) / step));
  if (count > MAX_COUNT) {
    throw new RangeError(`--range: found ${count} steps, expected at most ${MAX_COUNT}`);
  }
  return Array.from({ length: count }, (_, index) => start + index * step);
}

/** Far more than lines anybody reads. */
const MAX_COUNT = 1_000_000;
