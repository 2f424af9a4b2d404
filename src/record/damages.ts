import type { RecordDamage } from './recording.ts';

/** A hostile file must not fill memory with complaints. */
const MAX_DAMAGES = 1000;

/** Damages of one reading, with the last entry standing for all that did not fit. */
export class DamageList {
  readonly #damages: RecordDamage[] = [];
  #nrDropped = 0;

  add(byteOffset: number, message: string): void {
    if (this.#damages.length < MAX_DAMAGES) this.#damages.push({ byteOffset, message });
    else this.#nrDropped += 1;
  }

  get list(): readonly RecordDamage[] {
    if (this.#nrDropped === 0) return this.#damages;
    const last = this.#damages.at(-1);
    const more = {
      byteOffset: last?.byteOffset ?? 0,
      message: `${this.#nrDropped} more after that`,
    };
    return [...this.#damages, more];
  }
}
