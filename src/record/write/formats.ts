/** What a record can be written as. */
export const WRITTEN_FORMATS = [
  'damon-exporter',
  'json_compressed',
  'json',
  'perf_script',
  'csv',
] as const;
export type WrittenFormat = (typeof WRITTEN_FORMATS)[number];

const FORMAT_OF_EXTENSION: Readonly<Record<string, WrittenFormat>> = {
  json: 'json',
  csv: 'csv',
  txt: 'perf_script',
};

/** What the name of a file promises; our own format where it promises nothing. */
export function guessWrittenFormat(path: string): WrittenFormat {
  const extension = /\.([a-z]+)$/.exec(path)?.[1] ?? '';
  return FORMAT_OF_EXTENSION[extension] ?? 'damon-exporter';
}
