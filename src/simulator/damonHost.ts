import type { Random } from '../base/random.ts';
import type { ContextConfig } from './contextConfig.ts';
import { Kdamond } from './kdamond.ts';
import type { KdamondOptions } from './kdamond.ts';
import type { KdamondTracer } from './kdamondTracer.ts';
import type { KernelModel } from './kernelModel.ts';
import { Errno } from './kernelNode.ts';
import type { Machine } from './machine.ts';

/** Sysfs kdamonds may run beside each other; a module runs alone. */
export type KdamondUser = 'sysfs' | 'module';

export interface DamonHostOptions {
  readonly machine: Machine;
  readonly model: KernelModel;
  readonly random: Random;
  readonly tracer: KdamondTracer;
}

/** Starts kernel threads and lets them run: the part of DAMON that sysfs and modules share. */
export class DamonHost {
  readonly machine: Machine;
  readonly model: KernelModel;
  readonly #options: DamonHostOptions;
  readonly #running: Map<Kdamond, KdamondUser> = new Map<Kdamond, KdamondUser>();

  constructor(options: DamonHostOptions) {
    this.#options = options;
    this.machine = options.machine;
    this.model = options.model;
  }

  /**
   * @throws Errno EBUSY while a module runs, or, for a module, while anything runs
   */
  checkFree(user: KdamondUser): void {
    for (const [kdamond, other] of this.#running) {
      if (kdamond.isRunning && (user === 'module' || other === 'module')) throw new Errno('EBUSY');
    }
  }

  start(
    user: KdamondUser,
    config: ContextConfig,
    onAggregated?: KdamondOptions['onAggregated'],
  ): Kdamond {
    this.checkFree(user);
    this.#forgetStopped();
    const kdamond = new Kdamond({
      pid: this.machine.allocatePid(),
      // Numbered by how many run, whoever owns them: the name does not tell the owner.
      comm: `kdamond.${this.#running.size}`,
      config,
      machine: this.machine,
      random: this.#options.random,
      tracer: this.#options.tracer,
      model: this.model,
      ...(onAggregated === undefined ? {} : { onAggregated }),
    });
    this.#running.set(kdamond, user);
    return kdamond;
  }

  running(): Kdamond[] {
    return [...this.#running.keys()].filter(({ isRunning }) => isRunning);
  }

  /** When the next thread wakes up, µs; Infinity = none runs. */
  nextWakeUs(): number {
    let nextUs = Infinity;
    for (const kdamond of this.#running.keys()) nextUs = Math.min(nextUs, kdamond.nextWakeUs);
    return nextUs;
  }

  /** Lets the thread run that wakes up first. */
  step(): void {
    let first: Kdamond | undefined;
    for (const kdamond of this.#running.keys()) {
      if (first === undefined || kdamond.nextWakeUs < first.nextWakeUs) first = kdamond;
    }
    if (first === undefined || first.nextWakeUs === Infinity) return;
    this.machine.advanceTo(first.nextWakeUs);
    first.step();
  }

  /** The machine was frozen: threads go on from here without having missed anything. */
  skipTo(nowUs: number): void {
    for (const kdamond of this.running()) {
      if (kdamond.nextWakeUs < nowUs) kdamond.nextWakeUs = nowUs;
    }
  }

  #forgetStopped(): void {
    for (const kdamond of this.#running.keys()) {
      if (!kdamond.isRunning) this.#running.delete(kdamond);
    }
  }
}
