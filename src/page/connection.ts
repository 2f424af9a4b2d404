import type { ConnectionState } from './connectionState.ts';
import { createEventParser } from './eventParser.ts';

export interface ConnectionOptions {
  readonly url: string;
  readonly onEvent: (name: string, data: string) => void;
  readonly onState: (state: ConnectionState) => void;
}

const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 8000;
/** The stream says something every second. */
const MAX_SILENCE_MS = 10_000;

/** The page's own sentences: browsers say "network error" and the like. */
function describeFailure(error: unknown): string {
  return error instanceof Refusal ? error.message : 'the exporter does not answer';
}

class Refusal extends Error {}

/** Reads one stream to its end. */
async function readStream(
  { url, onEvent }: Pick<ConnectionOptions, 'url' | 'onEvent'>,
  signal: AbortSignal,
  onData: () => void,
): Promise<void> {
  const response = await fetch(url, { signal, cache: 'no-store' });
  if (!response.ok || response.body === null) {
    const text = (await response.text()).trim().slice(0, 200);
    throw new Refusal(text === '' ? `the exporter answered ${response.status}` : text);
  }
  const parse = createEventParser(onEvent);
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    onData();
    parse(value);
  }
}

/** Follows the stream, again and again until it is closed. */
export function openConnection(options: ConnectionOptions): { close(): void } {
  const { onEvent, onState } = options;
  let isClosed = false;
  let retryMs = FIRST_RETRY_MS;
  let timer = 0;
  let abort = new AbortController();

  const run = async (): Promise<void> => {
    abort = new AbortController();
    const { signal } = abort;
    const watchSilence = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        abort.abort();
      }, MAX_SILENCE_MS);
    };
    watchSilence();
    let reason = 'the exporter ended the stream';
    try {
      const take = (name: string, data: string): void => {
        if (isClosed) return;
        retryMs = FIRST_RETRY_MS;
        onState({ kind: 'live' });
        onEvent(name, data);
      };
      await readStream({ ...options, onEvent: take }, signal, watchSilence);
    } catch (error) {
      reason = describeFailure(error);
    }
    clearTimeout(timer);
    if (isClosed) return;
    onState({ kind: 'lost', reason, retryMs });
    timer = setTimeout(() => {
      onState({ kind: 'connecting' });
      void run();
    }, retryMs);
    retryMs = Math.min(retryMs * 2, MAX_RETRY_MS);
  };

  onState({ kind: 'connecting' });
  void run();
  return {
    close: () => {
      isClosed = true;
      clearTimeout(timer);
      abort.abort();
    },
  };
}
