/** Each is a series of every target, or a row. */
const MAX_VALUES = 100;

/**
 * Values separated by commas, each above the one before.
 *
 * @throws RangeError
 */
export function parseAscending(
  text: string,
  option: string,
  parse: (text: string, option: string) => number,
): number[] {
  const values = text.split(',').map((part) => parse(part.trim(), option));
  const isAscending = values.every((value, index) => value > (values[index - 1] ?? -Infinity));
  if (!isAscending) {
    throw new RangeError(`${option}: found "${text}", expected each value above the one before`);
  }
  if (values.length > MAX_VALUES) {
    throw new RangeError(
      `${option}: found ${values.length} values, expected at most ${MAX_VALUES}`,
    );
  }
  return values;
}
