import { ExportResultCode } from '@opentelemetry/core';
import type { ExportResult } from '@opentelemetry/core';
import type { PushMetricExporter, ResourceMetrics } from '@opentelemetry/sdk-metrics';
import { describeError } from '../base/errors.ts';

export interface WatchOptions {
  /** Of one export with all its retries. */
  readonly timeoutMs: number;
  /** Ends whatever is on its way. */
  readonly abort: () => void;
  /** Told of each export how it ended: with a reason, or well. */
  readonly onEnd: (reason: string | undefined) => void;
}

/** What the client says when the collector answered 429, 502, 503 or 504 to the end. */
const RETRYABLE_STATUS = 'Export failed with retryable status';

function describeFailure({ error }: ExportResult): string {
  if (error === undefined) return 'unknown';
  if (error.message === RETRYABLE_STATUS) return 'the collector asks to try later (429, 502–504)';
  const { code } = error as { code?: number | string };
  const message = describeError(error);
  // Addresses that were tried one after the other leave an error with a code only.
  if (message === '') return String(code ?? 'unknown');
  return typeof code === 'number' ? `HTTP ${code} ${message}` : message;
}

/**
 * An exporter of which every export ends in time and ends well for the reader, which would only log
 * each failure with a stack: who is told is `onEnd`. The client itself waits for ever for a
 * collector that sends its answer byte by byte.
 */
export function createWatchedExporter(
  inner: PushMetricExporter,
  { timeoutMs, abort, onEnd }: WatchOptions,
): PushMetricExporter {
  const exportWatched = (batch: ResourceMetrics, done: (result: ExportResult) => void): void => {
    let isOver = false;
    const end = (reason: string | undefined): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      onEnd(reason);
      done({ code: ExportResultCode.SUCCESS });
    };
    const timer = setTimeout(() => {
      end(`no answer within ${timeoutMs} ms`);
      abort();
    }, timeoutMs);
    inner.export(batch, (result) => {
      end(result.code === ExportResultCode.SUCCESS ? undefined : describeFailure(result));
    });
  };
  return {
    export: exportWatched,
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
  };
}
