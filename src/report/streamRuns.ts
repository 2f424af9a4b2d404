import type { RecordedSnapshot, RecordedStream } from '../record/recording.ts';
import type { SnapshotBatches } from './selectSnapshots.ts';

/** What a report does with each stream: its beginning, then its snapshots, one by one. */
export interface StreamVisitor {
  /** `baseNs`: start of the stream's first snapshot. */
  begin(stream: RecordedStream, baseNs: bigint): void;
  /** A promise asks to wait before the next one. */
  visit(snapshot: RecordedSnapshot): Promise<void> | undefined;
}

/** Only snapshots that start this long after their stream's first; both ends included. */
export interface StartOffsets {
  readonly minNs: bigint;
  readonly maxNs: bigint;
}

/** Reads the same snapshots from the beginning, however often it is called. */
export type ReadBatches = () => SnapshotBatches;

interface Pass {
  readonly nrStreams: number;
  /** False when a stream was left and came back later. */
  readonly areRuns: boolean;
}

interface PassedStream {
  readonly isWanted: boolean;
  readonly baseNs: bigint;
}

/**
 * One reading that visits the wanted streams. Streams are told apart by the order in which they come
 * first, because each reading may have objects of its own for them.
 */
async function visitPass(
  read: ReadBatches,
  isWanted: (nth: number) => boolean,
  visitor: StreamVisitor,
): Promise<Pass> {
  const passed = new Map<RecordedStream, PassedStream>();
  let areRuns = true;
  let last: RecordedStream | undefined;
  let current: PassedStream | undefined;
  for await (const batch of read()) {
    for (const snapshot of batch) {
      const { stream } = snapshot;
      if (stream !== last) {
        current = passed.get(stream);
        if (current) areRuns = false;
        else {
          current = { isWanted: isWanted(passed.size), baseNs: snapshot.startNs };
          passed.set(stream, current);
          if (current.isWanted) visitor.begin(stream, current.baseNs);
        }
        last = stream;
      }
      const pressure = current?.isWanted ? visitor.visit(snapshot) : undefined;
      if (pressure) await pressure;
    }
  }
  return { nrStreams: passed.size, areRuns };
}

/**
 * Visits the snapshots stream by stream, whatever their order in the file, in constant memory: one
 * reading for one stream, two where each stream lies in one piece (damo's files), else one for each.
 *
 * @returns how many streams there were.
 */
export async function visitByStream(read: ReadBatches, visitor: StreamVisitor): Promise<number> {
  const { nrStreams, areRuns } = await visitPass(read, (nth) => nth === 0, visitor);
  if (nrStreams > 1 && areRuns) await visitPass(read, (nth) => nth > 0, visitor);
  if (!areRuns) {
    for (let wanted = 1; wanted < nrStreams; wanted++) {
      await visitPass(read, (nth) => nth === wanted, visitor);
    }
  }
  return nrStreams;
}

/** A visitor that is shown only the snapshots with these offsets. */
export function limitOffsets<T extends StreamVisitor>(
  visitor: T,
  offsets: StartOffsets | undefined,
): T {
  if (offsets === undefined) return visitor;
  let firstNs = 0n;
  return {
    ...visitor,
    begin: (stream, baseNs) => {
      firstNs = baseNs;
      visitor.begin(stream, baseNs);
    },
    visit: (snapshot) => {
      const offsetNs = snapshot.startNs - firstNs;
      return offsetNs < offsets.minNs || offsetNs > offsets.maxNs
        ? undefined
        : visitor.visit(snapshot);
    },
  };
}
