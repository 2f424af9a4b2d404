/**
 * Where a report's text goes. A promise asks the writer to wait: the reader is slower. Until it is
 * resolved, or without one until it returns, the bytes must not change.
 */
export interface ReportSink {
  write(chunk: string | Uint8Array): Promise<void> | undefined;
}
