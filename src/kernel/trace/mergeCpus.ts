import type { CpuEvents } from './cpuEvents.ts';

/** Called for runs of entries `[from, to)` of one CPU, in the order of time over all CPUs. */
export type RunConsumer = (events: CpuEvents, from: number, to: number) => void;

/** Nanoseconds below 2^64; rounded to 2 above 2^53 (104 days), which keeps the order. */
export function timeAt(events: CpuEvents, index: number): number {
  const { timeHalves } = events;
  return (timeHalves[2 * index + 1] ?? 0) * 2 ** 32 + (timeHalves[2 * index] ?? 0);
}

/** First entry in `[from, to)` later than the time; entries of one CPU ascend in time. */
function findLater(events: CpuEvents, from: number, to: number, timeNs: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeAt(events, middle) > timeNs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Hands on `[events.first, to)`, cut where events were lost, with `lossSerial` counted on there. */
function handOn(
  events: CpuEvents,
  to: number,
  nextSerial: () => number,
  consume: RunConsumer,
): void {
  const { lossIndexes } = events;
  while (events.first < to) {
    if (lossIndexes.length > 0 && (lossIndexes[0] ?? 0) <= events.first) {
      lossIndexes.shift();
      events.lossSerial = nextSerial();
      continue;
    }
    const from = events.first;
    const upTo = Math.min(to, lossIndexes[0] ?? to);
    events.first = upTo;
    consume(events, from, upTo);
  }
}

interface ActiveCpu {
  readonly events: CpuEvents;
  /** One after the last entry up to the watermark. */
  readonly to: number;
  /** Time of the first entry not handed on. */
  headNs: number;
}

/** Moves the first one to its place again, after its head has changed. */
function restoreOrder(active: ActiveCpu[]): void {
  for (let at = 0; at + 1 < active.length; at += 1) {
    const [here, next] = [active[at], active[at + 1]];
    if (here === undefined || next === undefined || here.headNs <= next.headNs) return;
    active[at] = next;
    active[at + 1] = here;
  }
}

/** Hands on the entries of all CPUs up to a time, merged. */
export type CpuMerger = (
  cpus: Iterable<CpuEvents>,
  watermarkNs: number,
  consume: RunConsumer,
) => void;

/**
 * The events of one snapshot can be spread over CPUs, because a kdamond migrates: they are put into
 * the order of time. Events later than the watermark stay: another CPU, read earlier in the same
 * round, may have got older ones since.
 */
export function createCpuMerger(): CpuMerger {
  let nrLosses = 0;
  const nextSerial = (): number => (nrLosses += 1);
  return (cpus, watermarkNs, consume) => {
    const active: ActiveCpu[] = [];
    for (const events of cpus) {
      const to = findLater(events, events.first, events.count, watermarkNs);
      if (to > events.first) active.push({ events, to, headNs: timeAt(events, events.first) });
    }
    active.sort((a, b) => a.headNs - b.headNs);
    for (let [earliest, second] = active; earliest !== undefined; [earliest, second] = active) {
      const { events, to } = earliest;
      const runEnd = second === undefined ? to : findLater(events, events.first, to, second.headNs);
      // Times that do not ascend (damaged pages) must not keep it from getting on.
      handOn(events, Math.max(runEnd, events.first + 1), nextSerial, consume);
      if (events.first >= to) {
        active.shift();
      } else {
        earliest.headNs = timeAt(events, events.first);
        restoreOrder(active);
      }
    }
  };
}
