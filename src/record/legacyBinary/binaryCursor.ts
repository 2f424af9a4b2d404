import { ByteWindow } from '../../base/byteWindow.ts';
import type { ByteSource } from '../source/byteSource.ts';

/** Little-endian numbers, one after the other, from a source that comes in pieces. */
export class BinaryCursor {
  readonly #window = new ByteWindow();
  readonly #pieces: AsyncIterator<Uint8Array>;

  constructor(source: ByteSource) {
    this.#pieces = source.open()[Symbol.asyncIterator]();
  }

  /** In the source. */
  get offset(): number {
    return this.#window.offsetOf(this.#window.pos);
  }

  /** Reads ahead; whether there are that many bytes to take. */
  async has(nrBytes: number): Promise<boolean> {
    const window = this.#window;
    while (window.end - window.pos < nrBytes) {
      if (window.isFinal) return false;
      const piece = await this.#pieces.next();
      if (piece.done === true) window.isFinal = true;
      else window.append(piece.value);
    }
    return true;
  }

  async skip(nrBytes: number): Promise<void> {
    if (await this.has(nrBytes)) this.#window.pos += nrBytes;
  }

  takeUint32(): number {
    const value = this.#window.view.getUint32(this.#window.pos, true);
    this.#window.pos += 4;
    return value;
  }

  takeInt64(): bigint {
    const value = this.#window.view.getBigInt64(this.#window.pos, true);
    this.#window.pos += 8;
    return value;
  }

  takeUint64(): bigint {
    return BigInt.asUintN(64, this.takeInt64());
  }

  async close(): Promise<void> {
    await this.#pieces.return?.();
  }
}
