import type { ContextSpec, SchemeSpec } from '../damon/spec.ts';
import type { PhysicalTargetSelector, ProcessTargetSelector } from '../damon/targetSelector.ts';
import type { TextPosition } from './document.ts';

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

/** An option of `serve` that a file gives. */
export interface ServeSetting {
  /** As on the command line, without dashes before it: `otlp.endpoint`. */
  readonly name: string;
  readonly value: string | number | boolean | readonly string[];
  /** Of the value. */
  readonly position: TextPosition;
}

/** What a configuration file makes the kernel do, and `serve` besides. */
export interface DamonConfig {
  /** Empty only where the file is about `serve` alone. */
  readonly kdamonds: readonly KdamondConfig[];
  readonly onExit: OnExit;
  readonly onDrift: OnDrift;
  /** Undefined where the file does not say anything about it. */
  readonly serve?: readonly ServeSetting[];
}
