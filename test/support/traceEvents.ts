import { encodePages } from './tracePages.ts';
import type { RegionEvent } from './tracePages.ts';
import { encodedLayouts, parsePages } from './traceParsing.ts';
import type { CpuEvents } from '../../src/kernel/trace/cpuEvents.ts';
import type { TraceSnapshot } from '../../src/kernel/trace/snapshotAssembler.ts';

export interface SnapshotPlan {
  readonly pid?: number;
  readonly targetId?: bigint;
  readonly beginNs: bigint;
  readonly nrRegions: number;
  /** Where the first region begins. */
  readonly baseAddr?: bigint;
  /** Between the events of the snapshot. */
  readonly stepNs?: bigint;
}

const REGION_BYTES = 0x1000n;

/** The events a kernel thread reports for one snapshot. */
export function planSnapshot(plan: SnapshotPlan): RegionEvent[] {
  const { pid = 50, targetId = 0n, beginNs, nrRegions, baseAddr = 0x1000n, stepNs = 300n } = plan;
  return Array.from({ length: nrRegions }, (_, at) => {
    const start = baseAddr + BigInt(at) * REGION_BYTES;
    const timeNs = beginNs + BigInt(at) * stepNs;
    const nrAccesses = Number((timeNs / 100n) % 21n);
    return {
      timeNs,
      pid,
      targetId,
      nrRegions,
      start,
      end: start + REGION_BYTES,
      nrAccesses,
      age: at,
    };
  });
}

/** What a CPU has read when its buffer held these. */
export function toCpuEvents(events: readonly RegionEvent[], lost?: number | 'unknown'): CpuEvents {
  const items = events.map((event) => ({ kind: 'region' as const, ...event }));
  return parsePages(encodePages(items, lost === undefined ? {} : { lost }), encodedLayouts());
}

/** The events a snapshot was made of, but for times and their number; for comparing. */
export function describeSnapshot({ kdamondPid, targetId, endNs, regions }: TraceSnapshot): string {
  const rows = Array.from(
    { length: regions.count },
    (_, at) =>
      `${regions.startAddr[at]}-${regions.endAddr[at]}:${regions.nrAccesses[at]}:${regions.ageIntervals[at]}`,
  );
  return `${kdamondPid}/${targetId}@${endNs} ${rows.join(' ')}`;
}

/** The same for the events a snapshot should be made of. */
export function describeEvents(events: readonly RegionEvent[]): string {
  const [first] = events;
  const rows = events.map((e) => `${e.start}-${e.end}:${e.nrAccesses}:${e.age}`);
  return `${first!.pid}/${first!.targetId}@${first!.timeNs} ${rows.join(' ')}`;
}
