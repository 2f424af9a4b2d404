import { createGunzip, createInflate } from 'node:zlib';
import type { Zlib } from 'node:zlib';
import type { Transform } from 'node:stream';
import { SourceDamage } from './byteSource.ts';
import type { ByteSource } from './byteSource.ts';

export type Compression = 'zlib' | 'gzip';

/** Large outputs: a call into the thread pool costs more than it inflates otherwise. */
const OUTPUT_BYTES = 1 << 20;
/** One input piece inflates at most 1,032 times, and its output is held at once: 34 MiB. */
const INPUT_BYTES = 32 * 1024;
const FINE_INPUT_BYTES = 1;
const MAX_QUEUED_BYTES = 4 << 20;

/**
 * The inflated bytes of a source. Inflating runs in the thread pool while the consumer works on
 * what came before. Bytes behind the end of the compressed stream are ignored.
 *
 * A stream that ends too early or is damaged gives everything up to there, then SourceDamage.
 */
export function createInflatedSource(source: ByteSource, compression: Compression): ByteSource {
  return {
    offsetsIn: 'the uncompressed data',
    open: () => inflateTolerantly(source, compression),
  };
}

async function* inflateTolerantly(
  source: ByteSource,
  compression: Compression,
): AsyncGenerator<Uint8Array> {
  let delivered = 0;
  try {
    for await (const output of inflate(source, compression, Infinity)) {
      delivered += output.length;
      yield output;
    }
    return;
  } catch (error) {
    if (!(error instanceof InflateFailure)) throw error;
    if (!error.hasLostOutput) throw error.damage;
    // What zlib had made of the failing piece is lost: once more, byte by byte from there on.
    yield* skipBytes(inflate(source, compression, error.pieceOffset), delivered);
  }
}

async function* skipBytes(
  outputs: AsyncIterable<Uint8Array>,
  count: number,
): AsyncGenerator<Uint8Array> {
  let left = count;
  try {
    for await (const output of outputs) {
      if (left >= output.length) left -= output.length;
      else {
        yield output.subarray(left);
        left = 0;
      }
    }
  } catch (error) {
    throw error instanceof InflateFailure ? error.damage : error;
  }
}

class InflateFailure extends Error {
  readonly pieceOffset: number;
  readonly hasLostOutput: boolean;
  readonly damage: SourceDamage;

  constructor(cause: NodeJS.ErrnoException, pieceOffset: number, compression: Compression) {
    super(cause.message, { cause });
    this.pieceOffset = pieceOffset;
    const isCutOff = cause.code === 'Z_BUF_ERROR';
    this.hasLostOutput = !isCutOff;
    this.damage = new SourceDamage(
      pieceOffset,
      isCutOff
        ? `the ${compression} stream ends in the middle`
        : `the ${compression} stream is damaged (${cause.message})`,
    );
  }
}

/** What the zlib stream hands over, between its events and the consumer's loop. */
class InflateQueue {
  readonly #outputs: Uint8Array[] = [];
  #bytes = 0;
  #wake: (() => void) | undefined;
  isEnded = false;
  error: InflateFailure | undefined;

  push(output: Uint8Array): void {
    this.#outputs.push(output);
    this.#bytes += output.length;
    this.signal();
  }

  shift(): Uint8Array | undefined {
    const output = this.#outputs.shift();
    this.#bytes -= output?.length ?? 0;
    this.signal();
    return output;
  }

  signal(): void {
    this.#wake?.();
  }

  async waitForRoom(): Promise<void> {
    while (this.#bytes > MAX_QUEUED_BYTES && !this.isEnded) await this.wait();
  }

  /** Until the next signal. */
  wait(): Promise<void> {
    const before = this.#wake;
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        before?.();
        resolve();
      };
    });
  }
}

async function* inflate(
  source: ByteSource,
  compression: Compression,
  fineFrom: number,
): AsyncGenerator<Uint8Array> {
  const options = { chunkSize: OUTPUT_BYTES };
  const engine = compression === 'zlib' ? createInflate(options) : createGunzip(options);
  const queue = new InflateQueue();
  let sourceError: unknown;
  const feeding = feed(engine, { source, compression, fineFrom, queue }).catch((error: unknown) => {
    sourceError = error;
  });
  void feeding.then(() => {
    queue.isEnded = true;
    queue.signal();
  });
  try {
    for (;;) {
      const output = queue.shift();
      if (output !== undefined) yield output;
      else if (queue.error !== undefined) throw queue.error;
      else if (sourceError !== undefined) throw sourceError as Error;
      else if (queue.isEnded) return;
      else await queue.wait();
    }
  } finally {
    queue.isEnded = true;
    engine.destroy();
    queue.signal();
    await feeding;
  }
}

interface Feed {
  readonly source: ByteSource;
  readonly compression: Compression;
  readonly fineFrom: number;
  readonly queue: InflateQueue;
}

async function feed(engine: Transform & Zlib, to: Feed): Promise<void> {
  const { source, compression, fineFrom, queue } = to;
  let offset = 0;
  const over = new AbortController();
  const isOver = (): boolean => over.signal.aborted;
  const whenOver = new Promise<void>((resolve) => {
    over.signal.addEventListener('abort', () => {
      resolve();
    });
  });
  engine.on('error', (error) => {
    queue.error = new InflateFailure(error, offset, compression);
    over.abort();
  });
  // Emitted at the end of the compressed stream, whatever follows it.
  for (const event of ['end', 'close']) {
    engine.on(event, () => {
      over.abort();
    });
  }
  engine.on('data', (output: Uint8Array) => {
    queue.push(output);
  });
  let begun = 0;
  let isWritten: Promise<unknown> = Promise.resolve();
  for await (const piece of source.open()) {
    for (let from = 0; from < piece.length;) {
      await queue.waitForRoom();
      // The next piece lies ready when one is done, or the thread would wait for the consumer.
      const before = isWritten;
      const step = begun >= fineFrom ? FINE_INPUT_BYTES : INPUT_BYTES;
      const input = piece.subarray(from, from + step);
      if (isOver() || queue.isEnded) return;
      isWritten = new Promise<void>((resolve) => {
        engine.write(input, (error) => {
          // The output of a piece is out before the next goes in: nothing is lost by a later error.
          if (!error && !isOver()) offset += input.length;
          resolve();
        });
      });
      begun += input.length;
      from += input.length;
      await Promise.race([whenOver, before]);
    }
  }
  await Promise.race([whenOver, isWritten]);
  engine.end();
  await whenOver;
}
