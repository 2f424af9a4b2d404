/** Numbers that become more: 8 bytes each, where an array of a million numbers may take more. */
export interface GrowingColumn {
  readonly length: number;
  push(value: number): void;
  /** What was pushed so far; shares memory with the column. */
  values(): Float64Array;
}

const FIRST_CAPACITY = 1024;

export function createGrowingColumn(): GrowingColumn {
  let column = new Float64Array(FIRST_CAPACITY);
  let length = 0;
  return {
    get length() {
      return length;
    },
    push: (value) => {
      if (length === column.length) {
        const grown = new Float64Array(2 * length);
        grown.set(column);
        column = grown;
      }
      column[length++] = value;
    },
    values: () => column.subarray(0, length),
  };
}
