import type { ContextSpec, SchemeSpec } from '../damon/spec.ts';
import type { PhysicalTargetSelector, ProcessTargetSelector } from '../damon/targetSelector.ts';

export type TargetsConfig =
  | { readonly kind: 'processes'; readonly targets: readonly ProcessTargetSelector[] }
  | { readonly kind: 'physical'; readonly target: PhysicalTargetSelector };

/** What one kdamond is to do; its targets are found when it is applied, and again ever after. */
export interface KdamondConfig {
  readonly name: string;
  /** Undefined: as often as this program likes it. */
  readonly refreshMs?: number;
  readonly context: Omit<ContextSpec, 'targets' | 'schemes'>;
  readonly targets: TargetsConfig;
  /** Each with a name of its own within the kdamond. */
  readonly schemes: readonly SchemeSpec[];
}

/** What becomes of our kdamonds at exit. */
export type OnExit = 'restore' | 'keep';

/** What is done about our kdamonds being told something else by somebody. */
export type OnDrift = 'report' | 'correct';

/** What a configuration file makes the kernel do. */
export interface DamonConfig {
  readonly kdamonds: readonly KdamondConfig[];
  readonly onExit: OnExit;
  readonly onDrift: OnDrift;
}
