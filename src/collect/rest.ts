import { sleep } from '../base/clock.ts';
import type { Clock } from '../base/clock.ts';

/**
 * Whether anybody looks. Without demand for long the collecting rests; whoever looks first after a
 * rest, or after the start, can wait a moment for what is then read.
 */
export class Rest {
  readonly #clock: Clock;
  readonly #afterMs: number;
  #demandAtNs: bigint;
  #isResting = false;
  /** Aborted when something new is known, or it is clear that nothing will come. */
  #news = new AbortController();
  /** Aborted when the rest is over. */
  #call = new AbortController();

  /** @param afterMs undefined = there is never a rest. */
  constructor(clock: Clock, afterMs: number | undefined) {
    this.#clock = clock;
    this.#afterMs = afterMs ?? Infinity;
    this.#demandAtNs = clock.monotonicNs();
  }

  get isResting(): boolean {
    return this.#isResting;
  }

  /** During a rest: aborted when somebody looks, or interrupts. */
  get call(): AbortSignal | undefined {
    return this.#isResting ? this.#call.signal : undefined;
  }

  /** Wakes who sleeps until `call`. */
  interrupt(): void {
    // Each abort makes an error, even the second one.
    if (!this.#call.signal.aborted) this.#call.abort();
  }

  /** Somebody looks. Resolves when there are numbers of after the rest, at the latest after this. */
  async noteDemand(maxWaitMs: number): Promise<void> {
    this.#demandAtNs = this.#clock.monotonicNs();
    this.interrupt();
    if (maxWaitMs <= 0 || this.#news.signal.aborted) return;
    await sleep(maxWaitMs, this.#news.signal);
    // One wait is enough: where nothing comes, the next who looks is answered at once.
    this.noteNews();
  }

  noteNews(): void {
    this.#news.abort();
  }

  /** Looks at the clock; to be called at each turn of the loop. */
  update(): void {
    const restedMs = Number(this.#clock.monotonicNs() - this.#demandAtNs) / 1e6;
    const isResting = restedMs > this.#afterMs;
    if (isResting && !this.#isResting) {
      this.#news = new AbortController();
      this.#call = new AbortController();
    }
    this.#isResting = isResting;
  }
}
