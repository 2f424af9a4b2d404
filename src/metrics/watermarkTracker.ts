import type { WatermarksSpec } from '../damon/spec.ts';
import { computeWatermarkActivity } from '../damon/watermarks.ts';
import type { MachineMemory } from '../damon/watermarks.ts';

/** One scheme at one reading of the machine. */
export interface WatermarkReading {
  /** Of the kernel thread; undefined when off. */
  readonly kdamondPid: number | undefined;
  readonly watermarks: WatermarksSpec;
}

/**
 * Follows whether watermarks let schemes work. The kernel keeps that to itself, and between two of
 * the marks it hangs on what was before: so it is computed anew with every reading of the machine.
 */
export interface WatermarkTracker {
  /** Takes in every scheme there is now. */
  update(readings: ReadonlyMap<string, WatermarkReading>, memory: MachineMemory | undefined): void;
  /** Undefined for a kdamond that is off, and where it cannot be known. */
  isActive(key: string): boolean | undefined;
}

interface TrackedScheme extends WatermarkReading {
  readonly isActive: boolean | undefined;
}

function isSame(left: WatermarksSpec, right: WatermarksSpec): boolean {
  return (
    left.metric === right.metric &&
    left.highPermil === right.highPermil &&
    left.midPermil === right.midPermil &&
    left.lowPermil === right.lowPermil
  );
}

/** What was before the reading, as far as it is known. */
function findPrevious(
  { kdamondPid, watermarks }: WatermarkReading,
  last: TrackedScheme | undefined,
): boolean | undefined {
  if (last === undefined) return undefined;
  // Started since: the kernel lets every scheme begin.
  if (last.kdamondPid !== kdamondPid) return true;
  // Marks that changed came with a commit, or wait for one: nobody can tell.
  return isSame(last.watermarks, watermarks) ? last.isActive : undefined;
}

export function createWatermarkTracker(): WatermarkTracker {
  let tracked = new Map<string, TrackedScheme>();
  return {
    update: (readings, memory) => {
      const next = new Map<string, TrackedScheme>();
      for (const [key, reading] of readings) {
        const wasActive = findPrevious(reading, tracked.get(key));
        const isOn = reading.kdamondPid !== undefined;
        const isActive = isOn
          ? computeWatermarkActivity(reading.watermarks, memory, wasActive)
          : undefined;
        next.set(key, { ...reading, isActive });
      }
      tracked = next;
    },
    isActive: (key) => tracked.get(key)?.isActive,
  };
}
