/**
 * A number of things as yargs gives it.
 *
 * @throws RangeError for anything but a whole number of at least 1.
 */
export function parseCount(value: number, option: string): number {
  if (!Number.isSafeInteger(value) || value < 1) {
    throw new RangeError(`${option}: expected a whole number of at least 1`);
  }
  return value;
}
