import {
  findAttributeCapability,
  findValueCapability,
  type Capability,
} from '../damon/capabilities.ts';
import { readIfPresent, readInteger, readWord } from './attribute.ts';
import type { CapabilitySupports } from './capabilityProbe.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

/** One write to come: nothing has happened yet. */
export interface PlannedWrite {
  readonly path: KernelPath;
  readonly value: string;
  /** What is there now; undefined where the file does not exist yet, or will be made anew. */
  readonly before: string | undefined;
  /** What for, in a few words. */
  readonly why: string;
}

/** Collects writes in order, and knows which directories they will have created anew. */
export interface WritePlan {
  readonly writes: readonly PlannedWrite[];
  set(path: KernelPath, value: string | number | bigint | boolean, why: string): void;
  /** Writes nothing when the value is undefined: the kernel's default stays. */
  setIfGiven(
    path: KernelPath,
    value: string | number | bigint | boolean | undefined,
    why: string,
  ): void;
  /**
   * Gives a directory `count` numbered children, by the `nr_*` file in it. The kernel throws away
   * all children at every such write, so it is left out when the number is right already.
   */
  setCount(path: KernelPath, count: number, why: string): void;
  /** Whether the kernel is known to have it. */
  has(capabilityId: string): boolean;
}

function formatValue(value: string | number | bigint | boolean): string {
  return typeof value === 'boolean' ? (value ? 'Y' : 'N') : String(value);
}

function getParent(path: KernelPath): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}

/** A plan against the tree as it is now. */
export function createWritePlan(fs: KernelFs, supports: CapabilitySupports): WritePlan {
  const writes: PlannedWrite[] = [];
  const recreated: string[] = [];
  const isRecreated = (path: KernelPath): boolean =>
    recreated.some((directory) => path.startsWith(directory) && getParent(path) !== directory);
  const set: WritePlan['set'] = (path, value, why) => {
    const before = isRecreated(path) ? undefined : readIfPresent(readWord, fs, path);
    writes.push({ path, value: formatValue(value), before: before?.replace(/\n+$/, ''), why });
  };
  const readCount = (path: KernelPath): number =>
    isRecreated(path) ? 0 : (readIfPresent(readInteger, fs, path) ?? 0);
  return {
    writes,
    set,
    setIfGiven: (path, value, why) => {
      if (value !== undefined) set(path, value, why);
    },
    setCount: (path, count, why) => {
      if (readCount(path) === count) return;
      set(path, count, why);
      recreated.push(getParent(path));
    },
    has: (capabilityId) => supports.get(capabilityId) === 'present',
  };
}

/** What each planned write takes for granted, in order and without repetition. */
export function listNeededCapabilities(writes: readonly PlannedWrite[]): Capability[] {
  const needed = new Set<Capability>();
  for (const { path, value } of writes) {
    const relative = /\/kdamonds\/\d+\/(.+)$/.exec(path)?.[1];
    if (relative === undefined) continue;
    for (const capability of [
      findAttributeCapability(relative),
      findValueCapability(relative, value),
    ]) {
      if (capability !== undefined) needed.add(capability);
    }
  }
  return [...needed];
}

/** For people: one line per write, with what is there before where it is there. */
export function formatPlannedWrites(writes: readonly PlannedWrite[]): string {
  return writes
    .map(({ path, value, before, why }) => {
      const change = before === undefined || before === value ? value : `${before} -> ${value}`;
      return `${path} <- ${change}  # ${why}\n`;
    })
    .join('');
}
