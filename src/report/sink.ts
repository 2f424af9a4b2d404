/** Where a report's text goes. A promise asks the writer to wait: the reader is slower. */
export interface ReportSink {
  write(chunk: string | Uint8Array): Promise<void> | undefined;
}
