import { formatCount, formatSize, formatTimeNs } from '../../base/format.ts';
import { computeWssBytes } from '../../damon/derive.ts';
import type { Snapshot } from '../../damon/snapshot.ts';

/** How far a recording has come. */
export interface RecordingProgress {
  readonly elapsedNs: bigint;
  readonly nrSnapshots: number;
  /** In the newest snapshot of each target, together. */
  readonly nrRegions: number;
  readonly wssBytes: bigint;
  readonly sizeBytes: number;
}

export function formatProgress(progress: RecordingProgress): string {
  const { elapsedNs, nrSnapshots, nrRegions, wssBytes, sizeBytes } = progress;
  const elapsedSeconds = elapsedNs / 1_000_000_000n;
  return [
    `recording ${elapsedSeconds === 0n ? '0 s' : formatTimeNs(elapsedSeconds * 1_000_000_000n)}`,
    `${formatCount(nrSnapshots)} snapshots`,
    `${formatCount(nrRegions)} regions`,
    formatSize(BigInt(sizeBytes)),
    `working set ${formatSize(wssBytes)}`,
  ].join(', ');
}

/** A sink that counts what goes into the record. */
export interface ProgressCounter {
  readonly take: (snapshot: Snapshot) => void;
  count(): Pick<RecordingProgress, 'nrSnapshots' | 'nrRegions' | 'wssBytes'>;
}

export function createProgressCounter(): ProgressCounter {
  const latest = new Map<string, Snapshot>();
  let nrSnapshots = 0;
  return {
    take: (snapshot) => {
      nrSnapshots += 1;
      latest.set(`${snapshot.kdamond.label} ${snapshot.target}`, snapshot);
    },
    count: () => {
      const regions = [...latest.values()].map((snapshot) => snapshot.regions);
      return {
        nrSnapshots,
        nrRegions: regions.reduce((sum, { count }) => sum + count, 0),
        wssBytes: regions.reduce((sum, one) => sum + computeWssBytes(one), 0n),
      };
    },
  };
}

/** A line that is written over and over at the bottom of a terminal; other lines go above it. */
export interface StatusLine {
  show(text: string): void;
  /** Takes it away. */
  clear(): void;
  /** Writes a whole line, newline included. */
  readonly write: (line: string) => void;
}

const ERASE_LINE = '\r\u001b[K';
/** Of a terminal that does not tell, such as a serial line. */
const USUAL_COLUMNS = 80;

/** Shows nothing on anything but a terminal. */
export function createStatusLine(
  stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>,
  isQuiet: boolean,
): StatusLine {
  let isShown = false;
  const clear = (): void => {
    if (isShown) stream.write(ERASE_LINE);
    isShown = false;
  };
  return {
    show: (text) => {
      if (!stream.isTTY || isQuiet) return;
      isShown = true;
      // A line that wraps could not be erased.
      const columns = Math.max(stream.columns || USUAL_COLUMNS, 20) - 1;
      stream.write(`${ERASE_LINE}${text.slice(0, columns)}`);
    },
    clear,
    write: (line) => {
      clear();
      stream.write(line);
    },
  };
}
