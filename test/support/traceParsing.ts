import { createCpuEvents } from '../../src/kernel/trace/cpuEvents.ts';
import type { CpuEvents } from '../../src/kernel/trace/cpuEvents.ts';
import {
  computeAggregatedLayout,
  computeIntervalsTuneLayout,
  computeProbedLayout,
} from '../../src/kernel/trace/eventLayout.ts';
import { createCpuMerger } from '../../src/kernel/trace/mergeCpus.ts';
import { createPageParser } from '../../src/kernel/trace/ringBufferPage.ts';
import type { PageLayouts } from '../../src/kernel/trace/ringBufferPage.ts';
import { SnapshotAssembler } from '../../src/kernel/trace/snapshotAssembler.ts';
import type { TraceSnapshot } from '../../src/kernel/trace/snapshotAssembler.ts';
import { parseEventFormat, parsePageFormat } from '../../src/kernel/trace/traceFormat.ts';
import { readTraceFile } from './traceCaptures.ts';
import type { KernelVersion } from './traceCaptures.ts';
import { AGGREGATED_FORMAT, PROBED_FORMAT, TUNE_FORMAT, pageFormatText } from './tracePages.ts';
import type { RegionEvent } from './tracePages.ts';

/** Layouts of the pages that `encodePages` makes. */
export function encodedLayouts(pageBytes = 4096): PageLayouts {
  return {
    page: parsePageFormat(pageFormatText(pageBytes), 'header_page'),
    events: {
      aggregated: computeAggregatedLayout(parseEventFormat(AGGREGATED_FORMAT, 'a'), 'a'),
      intervalsTune: computeIntervalsTuneLayout(parseEventFormat(TUNE_FORMAT, 't'), 't'),
      probed: computeProbedLayout(parseEventFormat(PROBED_FORMAT, 'p'), 'p'),
    },
  };
}

/** Layouts of the captured pages, from the format files captured with them. */
export function capturedLayouts(version: KernelVersion): PageLayouts {
  const read = (event: string) =>
    parseEventFormat(readTraceFile(version, `damon/${event}/format`), event);
  return {
    page: parsePageFormat(readTraceFile(version, 'header_page'), 'header_page'),
    events: {
      aggregated: computeAggregatedLayout(read('damon_aggregated'), 'damon_aggregated'),
      intervalsTune:
        version === '6.12'
          ? undefined
          : computeIntervalsTuneLayout(read('damon_monitor_intervals_tune'), 'tune'),
      probed: undefined,
    },
  };
}

export function parsePages(pages: readonly Uint8Array[], layouts: PageLayouts): CpuEvents {
  const events = createCpuEvents();
  const parse = createPageParser(layouts);
  for (const page of pages) parse(new DataView(page.buffer, page.byteOffset, page.length), events);
  return events;
}

/** Columns back to one object per event, for comparing. */
export function toRegionEvents(
  events: CpuEvents,
  from = 0,
  to: number = events.count,
): RegionEvent[] {
  const joined = (halves: Uint32Array, index: number): bigint =>
    (BigInt(halves[2 * index + 1]!) << 32n) | BigInt(halves[2 * index]!);
  return Array.from({ length: to - from }, (_, at) => {
    const index = from + at;
    return {
      timeNs: joined(events.timeHalves, index),
      pid: events.pid[index]!,
      targetId: joined(events.targetHalves, index),
      nrRegions: events.nrRegions[index]!,
      start: events.startAddr[index]!,
      end: events.endAddr[index]!,
      nrAccesses: events.nrAccesses[index]!,
      age: events.ageIntervals[index]!,
    };
  });
}

export interface Assembled {
  readonly snapshots: readonly TraceSnapshot[];
  readonly spoiledSnapshots: number;
}

/** Merges and assembles everything at once. */
export function assemble(cpus: readonly CpuEvents[]): Assembled {
  const assembler = new SnapshotAssembler();
  createCpuMerger()(cpus, Infinity, (events, from, to) => {
    assembler.add(events, from, to);
  });
  return { snapshots: assembler.takeSnapshots(), spoiledSnapshots: assembler.spoiledSnapshots };
}
