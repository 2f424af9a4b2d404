/** What a first reading found out about one stream: formats that store only ends need it. */
export interface StreamSpan {
  firstEndNs: bigint;
  lastEndNs: bigint;
  nrSnapshots: number;
}

/** Counts one more end of a stream. */
export function extendSpan(spans: Map<string, StreamSpan>, key: string, endNs: bigint): void {
  const span = spans.get(key);
  if (span === undefined) {
    spans.set(key, { firstEndNs: endNs, lastEndNs: endNs, nrSnapshots: 1 });
    return;
  }
  if (endNs > span.lastEndNs) span.lastEndNs = endNs;
  span.nrSnapshots += 1;
}

/**
 * When the first snapshot of a stream began, where only ends are stored: its end less the mean
 * spacing of all. That is what damo takes. A snapshot that is alone is given no duration.
 */
export function computeFirstStartNs(span: StreamSpan | undefined, firstEndNs: bigint): bigint {
  if (span === undefined || span.nrSnapshots < 2) return firstEndNs;
  const spacing = (span.lastEndNs - span.firstEndNs) / BigInt(span.nrSnapshots - 1);
  const startNs = firstEndNs - spacing;
  return startNs > 0n ? startNs : 0n;
}
