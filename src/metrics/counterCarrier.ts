import { subtractUint64 } from '../base/uint64.ts';

/** Kernel counters that live and die together, by name. Undefined = this kernel has no such file. */
export type CounterValues = Readonly<Record<string, bigint | undefined>>;

/** Totals that never go back, for as many counters as were ever seen. */
export type CounterTotals = ReadonlyMap<string, bigint>;

/**
 * Carries groups of 64-bit kernel counters across wrap and restart. The first value seen is taken
 * over, so that totals equal the kernel's numbers until something restarts.
 */
export interface CounterCarrier {
  /**
   * Takes in one reading of every group there is now. A group that is missing has no totals until it
   * comes back; missing alone does not mean that its counters restarted, as a failed read looks the
   * same.
   */
  update(readings: ReadonlyMap<string, CounterReading>): void;
  /** Undefined when the group was not in the last update. */
  totals(group: string): CounterTotals | undefined;
}

export interface CounterReading {
  /** Who counts, such as a kernel thread's pid: a new one starts at 0. Undefined = not known. */
  readonly generation: number | undefined;
  readonly values: CounterValues;
}

interface Group {
  generation: number | undefined;
  isPresent: boolean;
  /** The generation changed: the next values that differ were counted from 0. */
  hasRestarted: boolean;
  last: CounterValues;
  readonly totals: Map<string, bigint>;
}

const HALF_RANGE = 1n << 63n;

function wentBack(later: CounterValues, earlier: CounterValues, name: string): boolean {
  const laterValue = later[name];
  const earlierValue = earlier[name];
  return laterValue !== undefined && earlierValue !== undefined && laterValue < earlierValue;
}

/**
 * A counter that wrapped stands a little above 0 after standing a little below 2^64; one that went
 * back otherwise has restarted, and with it the whole group.
 */
function isRestart(later: CounterValues, earlier: CounterValues): boolean {
  return Object.keys(later).some(
    (name) =>
      wentBack(later, earlier, name) &&
      subtractUint64(later[name] ?? 0n, earlier[name] ?? 0n) >= HALF_RANGE,
  );
}

function isAllZero(values: CounterValues): boolean {
  return Object.values(values).every((value) => value === undefined || value === 0n);
}

function isSame(left: CounterValues, right: CounterValues): boolean {
  return Object.keys({ ...left, ...right }).every((name) => left[name] === right[name]);
}

function addValues(group: Group, values: CounterValues, base: CounterValues): void {
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    const growth = subtractUint64(value, base[name] ?? 0n);
    group.totals.set(name, (group.totals.get(name) ?? 0n) + growth);
  }
  group.last = values;
}

function updateGroup(group: Group, reading: CounterReading): void {
  const { generation, values } = reading;
  group.isPresent = true;
  if (generation !== undefined) {
    if (group.generation !== undefined && group.generation !== generation) {
      group.hasRestarted = true;
    }
    group.generation = generation;
  }
  // sysfs keeps a stopped thread's numbers until it is asked to refresh them, and shows zeros in a
  // directory that was made anew although a running scheme goes on counting: both say nothing yet.
  if (isSame(values, group.last) || isAllZero(values)) return;
  const counted = group.hasRestarted || isRestart(values, group.last) ? {} : group.last;
  group.hasRestarted = false;
  addValues(group, values, counted);
}

/** `maxGroups` bounds what is remembered; beyond it groups that are gone are forgotten. */
export function createCounterCarrier(maxGroups = 4096): CounterCarrier {
  const groups = new Map<string, Group>();
  const takeIn = (key: string, reading: CounterReading): void => {
    const known = groups.get(key);
    if (known !== undefined) {
      updateGroup(known, reading);
      return;
    }
    const group: Group = {
      generation: reading.generation,
      isPresent: true,
      hasRestarted: false,
      last: {},
      totals: new Map(),
    };
    addValues(group, reading.values, {});
    groups.set(key, group);
  };
  return {
    update: (readings) => {
      for (const [key, group] of groups) {
        if (!readings.has(key)) group.isPresent = false;
      }
      for (const [key, reading] of readings) takeIn(key, reading);
      for (const [key, group] of groups) {
        if (groups.size <= maxGroups) break;
        if (!group.isPresent) groups.delete(key);
      }
    },
    totals: (key) => {
      const group = groups.get(key);
      return group?.isPresent === true ? group.totals : undefined;
    },
  };
}
