/** What was made last, numbered from 0; the oldest goes when there are too many. */
export interface ColumnRing<Column> {
  /** Number of the one that comes next. */
  readonly next: number;
  add(column: Column): void;
  /** From this number on, as far as they are still there. */
  since(number: number): readonly Column[];
}

export function createColumnRing<Column>(capacity: number): ColumnRing<Column> {
  const columns: Column[] = [];
  let next = 0;
  return {
    get next() {
      return next;
    },
    add: (column) => {
      columns[next % capacity] = column;
      next += 1;
    },
    since: (number) => {
      const first = Math.max(number, next - capacity, 0);
      return Array.from(
        { length: next - first },
        (_, at) => columns[(first + at) % capacity],
      ).filter((column) => column !== undefined);
    },
  };
}
