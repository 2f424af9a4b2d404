import { once } from 'node:events';
import { createDeflate } from 'node:zlib';
import type { ByteSink } from './wholeFile.ts';

/** Compresses (zlib) on the way to another sink, in the thread pool. */
export function createDeflatedSink(sink: ByteSink, level?: number): ByteSink {
  const engine = createDeflate({
    chunkSize: 256 * 1024,
    ...(level === undefined ? {} : { level }),
  });
  let outputs: Uint8Array[] = [];
  engine.on('data', (output: Uint8Array) => outputs.push(output));
  const forward = async (): Promise<void> => {
    const ready = outputs;
    outputs = [];
    for (const output of ready) await sink.write(output);
  };
  return {
    async write(bytes) {
      await new Promise<void>((resolve, reject) => {
        engine.write(bytes, (error) => {
          if (error) reject(error);
          else resolve();
        });
      });
      await forward();
    },
    async close() {
      const ended = once(engine, 'end');
      engine.end();
      await ended;
      await forward();
      await sink.close();
    },
    async abort() {
      engine.destroy();
      await sink.abort();
    },
  };
}
