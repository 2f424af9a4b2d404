/**
 * How many inputs a fuzz test tries: few with every change, 100,000 altogether by `npm run fuzz`.
 */
export function fuzzRuns(usual: number): number {
  return usual * Number(process.env['FUZZ_FACTOR'] ?? 1);
}
