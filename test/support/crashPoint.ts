/** Thrown to a process that is dead by then; nothing it does has an effect any more. */
export const KILLED: Error = new Error('killed');

/**
 * Kills whoever goes through it: every change of the kernel or of a file is announced with `change`,
 * everything else with `touch`. Between two changes there is nothing to be found afterwards, so the
 * number of changes that still happened is the moment of death.
 */
export interface CrashPoint {
  change(): void;
  touch(): void;
  /** From now on another process; it dies after this many changes (Infinity: never). */
  arm(nrChanges: number): void;
  /** Since it was armed, those of a dead process left out. */
  readonly nrChanges: number;
  readonly isDead: boolean;
}

export function createCrashPoint(): CrashPoint {
  let nrChanges = 0;
  let last = Infinity;
  let isDead = false;
  const touch = (): void => {
    if (isDead) throw KILLED;
  };
  return {
    touch,
    change: () => {
      touch();
      if (nrChanges >= last) isDead = true;
      touch();
      nrChanges += 1;
    },
    arm: (count) => {
      [nrChanges, last, isDead] = [0, count, false];
    },
    get nrChanges() {
      return nrChanges;
    },
    get isDead() {
      return isDead;
    },
  };
}
