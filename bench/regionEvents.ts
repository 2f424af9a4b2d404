import { computeWssBytes } from '../src/damon/derive.ts';
import { createAccumulators, DEFAULT_ACCUMULATOR_SETTINGS } from '../src/metrics/accumulators.ts';
import { compactCpuEvents, createCpuEvents } from '../src/kernel/trace/cpuEvents.ts';
import type { AggregatedLayout } from '../src/kernel/trace/eventLayout.ts';
import { createCpuMerger } from '../src/kernel/trace/mergeCpus.ts';
import { createPageParser } from '../src/kernel/trace/ringBufferPage.ts';
import type { PageLayouts } from '../src/kernel/trace/ringBufferPage.ts';
import { SnapshotAssembler } from '../src/kernel/trace/snapshotAssembler.ts';
import type { TraceSnapshot } from '../src/kernel/trace/snapshotAssembler.ts';
import { readCapturedPages } from '../test/support/traceCaptures.ts';
import { capturedLayouts, encodedLayouts } from '../test/support/traceParsing.ts';
import { encodePages } from '../test/support/tracePages.ts';
import { measureNs } from './support/benchRow.ts';
import type { BenchRow } from './support/benchRow.ts';

const GOAL_NS = 60;
const NR_REGIONS = 1000;
const NR_SNAPSHOTS = 40;

/** Pages as a kernel would give them for a paddr target of 1,000 regions at 100 ms. */
function makePages(): Uint8Array[] {
  return encodePages(
    Array.from({ length: NR_REGIONS * NR_SNAPSHOTS }, (_, at) => {
      const region = at % NR_REGIONS;
      const start = 0x1_0000_0000n + BigInt(region) * 0x40_0000n;
      return {
        kind: 'region' as const,
        timeNs:
          5_000_000_000n +
          BigInt(Math.floor(at / NR_REGIONS)) * 100_000_000n +
          BigInt(region * 150),
        pid: 321,
        targetId: 0n,
        nrRegions: NR_REGIONS,
        start,
        end: start + 0x40_0000n,
        nrAccesses: region % 7 === 0 ? region % 21 : 0,
        age: (region * 7) % 400,
      };
    }),
  );
}

/** The least a program can do with these bytes: step from event to event and sum all fields. */
function sumFields(views: readonly DataView[], layout: AggregatedLayout): number {
  const { id, pid, targetId, nrRegions, start, end, nrAccesses } = layout;
  const age = layout.age ?? 0;
  let sum = 0;
  for (const view of views) {
    const last = 16 + (view.getUint32(8, true) & 0xf_ffff);
    for (let at = 16; at < last;) {
      const payload = at + 4;
      at = payload + 4 * (view.getUint32(at, true) & 31);
      if (view.getUint16(payload, true) !== id) continue;
      sum +=
        view.getUint32(payload + pid, true) +
        view.getUint32(payload + targetId, true) +
        view.getUint32(payload + targetId + 4, true) +
        view.getUint32(payload + nrRegions, true) +
        view.getUint32(payload + start, true) +
        view.getUint32(payload + start + 4, true) +
        view.getUint32(payload + end, true) +
        view.getUint32(payload + end + 4, true) +
        view.getUint32(payload + nrAccesses, true) +
        view.getUint32(payload + age, true);
    }
  }
  return sum;
}

function createPipeline(views: readonly DataView[], layouts: PageLayouts) {
  const events = createCpuEvents();
  const cpus = [events];
  const parse = createPageParser(layouts);
  const merge = createCpuMerger();
  const assembler = new SnapshotAssembler();
  const accumulators = createAccumulators(DEFAULT_ACCUMULATOR_SETTINGS);
  const kdamond = { label: '0', owner: 'own', pid: 321 } as const;
  let wssBytes = 0n;

  const toColumns = (): number => {
    for (const view of views) parse(view, events);
    const { count } = events;
    events.tunedIntervals.length = 0;
    events.first = count;
    compactCpuEvents(events);
    return count;
  };
  const toSnapshots = (): TraceSnapshot[] => {
    for (const view of views) parse(view, events);
    merge(cpus, Infinity, (run, from, to) => {
      assembler.add(run, from, to);
    });
    events.tunedIntervals.length = 0;
    compactCpuEvents(events);
    return assembler.takeSnapshots();
  };
  const toWss = (): bigint => {
    for (const { regions } of toSnapshots()) wssBytes += computeWssBytes(regions);
    return wssBytes;
  };
  let nowNs = 1_000_000_000_000n;
  const toMetrics = (): void => {
    // Working sets are a part of it. The pages are the same each time, but time goes on.
    for (const { targetId, regions } of toSnapshots()) {
      const startNs = nowNs;
      nowNs += 100_000_000n;
      accumulators.add({
        kdamond,
        contextIndex: 0,
        target: targetId,
        startNs,
        endNs: nowNs,
        sampleIntervalUs: 5000,
        aggrIntervalUs: 100_000,
        regions,
      });
    }
  };
  return { toColumns, toSnapshots, toWss, toMetrics };
}

function benchPages(what: string, pages: readonly Uint8Array[], layouts: PageLayouts): BenchRow[] {
  const views = pages.map((page) => new DataView(page.buffer, page.byteOffset, page.byteLength));
  const { toColumns, toSnapshots, toWss, toMetrics } = createPipeline(views, layouts);
  const nrEvents = toColumns();
  const ns = measureNs({
    floor: () => sumFields(views, layouts.events.aggregated),
    toColumns,
    toSnapshots,
    toWss,
    toMetrics,
  });
  const peer = { name: 'plain loop over the page', figure: ns.floor / nrEvents };
  const row = (name: string, total: number, goal?: number): BenchRow => ({
    name: `${what}: ${name}`,
    figure: total / nrEvents,
    unit: 'ns/region',
    peer,
    ...(goal === undefined ? {} : { goal }),
  });
  return [
    row('page bytes to columns', ns.toColumns),
    row('… to snapshots', ns.toSnapshots),
    row('… and WSS', ns.toWss, GOAL_NS),
    row('… and metrics', ns.toMetrics, GOAL_NS),
  ];
}

/** Nanoseconds per region event from raw page bytes to what is exposed. */
export function benchRegionEvents(): BenchRow[] {
  const captured = readCapturedPages('7.2', 'vaddr-hot64of256-short').flat();
  return [
    ...benchPages('1,000 regions', makePages(), encodedLayouts()),
    ...benchPages('captured on 7.2', captured, capturedLayouts('7.2')),
  ];
}
