const EVENT = /damon_(?:region_)?aggregated:|damos_before_apply:|damon_monitor_intervals_tune:/;
/** Header of tracefs; a line of any event by `perf script` or `trace-cmd report`. */
const TRACE = /^# tracer: |^\s*\S.*\s\[\d{3,}\].*\s\d+\.\d{6,9}: /m;
const MAX_BYTES = 64 * 1024;

/** Whether text begins like a trace; DAMON's events may come much later among others. */
export function looksLikeTraceText(head: Uint8Array): boolean {
  if (head.subarray(0, MAX_BYTES).includes(0)) return false;
  const text = Buffer.from(head.subarray(0, MAX_BYTES)).toString('latin1');
  return EVENT.test(text) || TRACE.test(text);
}
