/** One line of a scrape. */
export interface Sample {
  readonly family: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a scrape said. */
export type Samples = readonly Sample[];

function parseLabels(pairs: Iterable<RegExpExecArray>): Record<string, string> {
  const entries = Array.from(pairs, ([, name = '', text = '']): [string, string] => [name, text]);
  return Object.fromEntries(entries);
}

/** The lines of the text format that are samples. @throws Error for a line that is neither. */
export function parseSamples(text: string): Samples {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const [, family, labels, value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
      if (family === undefined || value === undefined) throw new Error(`scrape: found "${line}"`);
      const pairs = (labels ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g);
      return { family, labels: parseLabels(pairs), value: Number(value) };
    });
}

/** Values of a family's series that have these labels. */
export function selectValues(
  samples: Samples,
  family: string,
  labels: Readonly<Record<string, string>> = {},
): number[] {
  return samples
    .filter(
      (sample) =>
        sample.family === family &&
        Object.entries(labels).every(([name, value]) => sample.labels[name] === value),
    )
    .map(({ value }) => value);
}

export function computeMedian(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;
}
