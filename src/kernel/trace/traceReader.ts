import type { Clock } from '../../base/clock.ts';
import type { KernelFs, KernelStream } from '../kernelFs.ts';
import { compactCpuEvents, createCpuEvents } from './cpuEvents.ts';
import type { CpuEvents, TunedSampleInterval } from './cpuEvents.ts';
import { createCpuMerger, timeAt } from './mergeCpus.ts';
import { createPageParser } from './ringBufferPage.ts';
import { SnapshotAssembler } from './snapshotAssembler.ts';
import type { TraceSnapshot } from './snapshotAssembler.ts';
import { openTraceInstance } from './traceInstance.ts';

export interface TraceReaderOptions {
  readonly fs: KernelFs;
  /** Must be the clock trace events are stamped with. */
  readonly clock: Clock;
  /** Of this process: a part of the trace instance's name. */
  readonly pid: number;
  /** Ring buffer of each CPU; what does not fit between two polls is lost, oldest first. */
  readonly bufferSizeKb: number;
}

export interface TracePoll {
  /** Whole snapshots that have become complete since the last poll, in order of time. */
  readonly snapshots: readonly TraceSnapshot[];
  /** Since 6.17: empty on older kernels, and where nothing tunes itself. */
  readonly tunedSampleIntervals: readonly TunedSampleInterval[];
  /** Events the kernel overwrote before they were read; at least. Since the reader was made. */
  readonly lostEvents: number;
  /** Snapshots thrown away because a part of them was lost. Since the reader was made. */
  readonly spoiledSnapshots: number;
  /** Pages whose rest made no sense: 0 on a sound kernel. Since the reader was made. */
  readonly malformedPages: number;
}

/** Reads every aggregation of every kdamond, whoever started it. */
export interface TraceReader {
  readonly instanceName: string;
  /** Reads what is there; never waits. @throws KernelError when reading fails. */
  poll(): TracePoll;
  /** Removes the trace instance. @throws KernelError when the kernel refuses. */
  close(): void;
}

/** What one CPU may bring in one poll; the rest stays in the kernel's buffer until the next one. */
const MAX_PAGES_PER_POLL = 1024;

/** What is known of one CPU's losses: the kernel's pages number most of them, its statistics all. */
interface CpuLosses {
  lostEvents: number;
  /** Changes with every loss. */
  nrSeen: number;
}

/** At least how many events of one CPU were lost so far. */
function updateLosses(losses: CpuLosses, events: CpuEvents, readLost: () => number): number {
  const nrSeen = events.lostEvents + events.unnumberedLosses;
  if (nrSeen === losses.nrSeen) return losses.lostEvents;
  losses.nrSeen = nrSeen;
  const total = events.unnumberedLosses > 0 ? readLost() : 0;
  losses.lostEvents = Math.max(losses.lostEvents, nrSeen, total);
  return losses.lostEvents;
}

interface CpuReading extends CpuLosses {
  readonly events: CpuEvents;
}

/**
 * Opens an own trace instance and reads DAMON's events from it.
 *
 * @throws KernelError with one clear reason when that is impossible here.
 */
export function createTraceReader(options: TraceReaderOptions): TraceReader {
  const { fs, clock, pid, bufferSizeKb } = options;
  const instance = openTraceInstance({ fs, pid, bufferSizeKb });
  const parsePage = createPageParser(instance.layouts);
  const mergeCpus = createCpuMerger();
  const assembler = new SnapshotAssembler();
  const cpus = new Map<number, CpuReading>();
  const page = new Uint8Array(instance.pageSizeBytes);
  const wholePage = new DataView(page.buffer);

  /** @returns up to which time all events of this CPU are here. */
  const readCpu = (stream: KernelStream, events: CpuEvents): number => {
    for (let nrPages = 0; nrPages < MAX_PAGES_PER_POLL; nrPages += 1) {
      const length = stream.read(page);
      if (length === 0) return Infinity;
      const view = length === page.length ? wholePage : new DataView(page.buffer, 0, length);
      parsePage(view, events);
    }
    return events.count === 0 ? 0 : timeAt(events, events.count - 1);
  };

  const readAll = (): number => {
    // Taken before the first read: see createCpuMerger.
    let watermarkNs = Number(clock.monotonicNs());
    for (const [cpu, stream] of instance.streams.byCpu) {
      let reading = cpus.get(cpu);
      if (reading === undefined) {
        reading = { events: createCpuEvents(), lostEvents: 0, nrSeen: 0 };
        cpus.set(cpu, reading);
      }
      watermarkNs = Math.min(watermarkNs, readCpu(stream, reading.events));
    }
    return watermarkNs;
  };

  const takeTuned = (): TunedSampleInterval[] =>
    [...cpus.values()].flatMap(({ events }) => events.tunedIntervals.splice(0));

  return {
    instanceName: instance.name,
    poll: () => {
      instance.streams.refresh();
      const watermarkNs = readAll();
      const readings = [...cpus.values()];
      mergeCpus(
        readings.map(({ events }) => events),
        watermarkNs,
        (events, from, to) => {
          assembler.add(events, from, to);
        },
      );
      let lostEvents = 0;
      let malformedPages = 0;
      for (const [cpu, reading] of cpus) {
        compactCpuEvents(reading.events);
        lostEvents += updateLosses(reading, reading.events, () => instance.readLostEvents(cpu));
        malformedPages += reading.events.malformedPages;
      }
      return {
        snapshots: assembler.takeSnapshots(),
        tunedSampleIntervals: takeTuned(),
        lostEvents,
        spoiledSnapshots: assembler.spoiledSnapshots,
        malformedPages,
      };
    },
    close: () => {
      instance.close();
    },
  };
}
