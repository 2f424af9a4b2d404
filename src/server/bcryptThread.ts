import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { describeError } from '../base/errors.ts';

/** Text, because it is to run from the sources, too, which a thread cannot load. */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const { compareSync } = require(workerData);
parentPort.on('message', ({ id, password, hash }) => {
  parentPort.postMessage({ id, isRight: compareSync(password, hash) });
});
`;

interface Waiting {
  readonly resolve: (isRight: boolean) => void;
  readonly reject: (error: Error) => void;
}

/**
 * A thread that compares passwords with bcrypt hashes, started when there is something to compare.
 * Comparing rejects with an Error when the thread ends.
 */
export class BcryptThread {
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #lastId = 0;

  /** Comparisons that are not done. */
  get nrWaiting(): number {
    return this.#waiting.size;
  }

  compare(password: string, hash: string): Promise<boolean> {
    const worker = this.#start();
    const id = (this.#lastId += 1);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, password, hash });
    });
  }

  /** Ends the thread, and with it what is not done. */
  stop(): void {
    void this.#worker?.terminate();
  }

  #start(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const library = createRequire(import.meta.url).resolve('bcryptjs');
    const worker = new Worker(THREAD, { eval: true, workerData: library });
    const fail = (reason: string): void => {
      if (this.#worker === worker) this.#worker = undefined;
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`check a password: ${reason}`));
      }
      this.#waiting.clear();
    };
    worker.on('message', ({ id, isRight }: { id: number; isRight: boolean }) => {
      this.#waiting.get(id)?.resolve(isRight);
      this.#waiting.delete(id);
    });
    worker.on('error', (error) => {
      fail(describeError(error));
    });
    worker.on('exit', () => {
      fail('the thread ended');
    });
    worker.unref();
    this.#worker = worker;
    return worker;
  }
}
