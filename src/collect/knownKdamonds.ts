import type { MachineKdamond } from './machine.ts';

/**
 * Where snapshots may come from: the kdamonds that run, and those that ran when the machine was read
 * before, for their last snapshots are read after they have ended.
 */
export class KnownKdamonds {
  #running: ReadonlyMap<number, MachineKdamond> = new Map();
  #before: ReadonlyMap<number, MachineKdamond> = new Map();

  note(kdamonds: readonly MachineKdamond[]): void {
    this.#before = this.#running;
    this.#running = new Map(
      kdamonds.flatMap((kdamond) => {
        const { ref, isRunning } = kdamond;
        return isRunning && ref.pid !== undefined ? [[ref.pid, kdamond] as const] : [];
      }),
    );
  }

  find(pid: number): MachineKdamond | undefined {
    return this.#running.get(pid) ?? this.#before.get(pid);
  }
}
