import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RecordHealth } from '../../damon/observation.ts';
import type { Snapshot } from '../../damon/snapshot.ts';
import type { RecordedSnapshot } from '../recording.ts';
import type { RollingWriter } from './rolling.ts';

/** Takes snapshots as they come and records them beside the collecting, never in its way. */
export interface RecordSink {
  readonly name: string;
  take(snapshot: Snapshot): void;
  health(): RecordHealth;
  /** Writes what is waiting and closes the writer. */
  close(): Promise<void>;
}

/** 24 MiB of columns: minutes of a busy machine, should the disk be that slow. */
const MAX_WAITING_REGIONS: number = 1 << 20;
const MAX_WAITING_SNAPSHOTS: number = 1 << 15;
/** Snapshots encoded before everybody else has a turn: some ten microseconds each. */
const NR_PER_TURN = 32;

export interface RecordSinkOptions {
  /** Whose `write` never throws. */
  readonly writer: Pick<RollingWriter, 'write' | 'close' | 'health'>;
  readonly convert: (snapshot: Snapshot) => RecordedSnapshot;
  readonly maxWaitingRegions?: number;
}

export function createRecordSink(options: RecordSinkOptions): RecordSink {
  const { writer, convert, maxWaitingRegions = MAX_WAITING_REGIONS } = options;
  let waiting: RecordedSnapshot[] = [];
  let nrWaitingRegions = 0;
  let nrDropped = 0;
  let work: Promise<void> | undefined;

  const writeWaiting = async (): Promise<void> => {
    // Not in the turn of the collector that began it.
    await nextTurn();
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      for (const [index, snapshot] of batch.entries()) {
        if (index % NR_PER_TURN === NR_PER_TURN - 1) await nextTurn();
        await writer.write(snapshot);
        nrWaitingRegions -= snapshot.regions.count;
      }
    }
  };

  const start = (): void => {
    work ??= writeWaiting().finally(() => {
      work = undefined;
    });
  };

  return {
    name: 'record',
    take: (snapshot) => {
      const { count } = snapshot.regions;
      const isFull =
        nrWaitingRegions + count > maxWaitingRegions || waiting.length >= MAX_WAITING_SNAPSHOTS;
      if (isFull) {
        nrDropped += 1;
        return;
      }
      waiting.push(convert(snapshot));
      nrWaitingRegions += count;
      start();
    },
    health: () => {
      const health = writer.health();
      return { ...health, droppedSnapshots: health.droppedSnapshots + nrDropped };
    },
    close: async () => {
      await work;
      await writer.close();
    },
  };
}
