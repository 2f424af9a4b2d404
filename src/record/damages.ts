import { RecordError } from '../base/errors.ts';
import type { RecordDamage } from './recording.ts';
import type { ByteSource } from './source/byteSource.ts';

/** A hostile file must not fill memory with complaints. */
const MAX_DAMAGES = 1000;

/** How a message says that its offset is none of the file. */
export function formatOffsetNote(offsetsIn: string | undefined): string {
  return offsetsIn === undefined ? '' : ` (offset in ${offsetsIn})`;
}

/** For a record of which nothing could be read because of the damage. */
export function createDamageError(
  path: string,
  { byteOffset, message }: RecordDamage,
  expected: string,
): RecordError {
  const hint = `${message}; ${expected}`;
  return new RecordError({ operation: 'read', path, byteOffset, hint });
}

/** Damages of one reading, with the last entry standing for all that did not fit. */
export class DamageList {
  readonly #offsetNote: string;
  readonly #damages: RecordDamage[] = [];
  #nrDropped = 0;

  /** `offsetsIn`: what the offsets of `add` count in. */
  constructor({ offsetsIn }: Pick<ByteSource, 'offsetsIn'>) {
    this.#offsetNote = formatOffsetNote(offsetsIn);
  }

  add(byteOffset: number, message: string): void {
    this.addInFile(byteOffset, `${message}${this.#offsetNote}`);
  }

  /** With an offset in the file, whatever those of the source count in. */
  addInFile(byteOffset: number, message: string): void {
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
