import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/log.ts';
import type { RecordHealth } from '../../damon/observation.ts';
import type { RecordFs } from '../own/recordFs.ts';
import type { RecordWriter } from '../recording.ts';
import type { LockHolder, WriterLockOptions } from './writerLock.ts';

export interface RollingWriterOptions {
  /** All segments together; the oldest go first. */
  readonly maxSizeBytes: number;
  /** Segments last written to before this long go. */
  readonly maxAgeMs: number;
  readonly flushIntervalMs: number;
  /** Stamps the snapshots: the simulated one over the simulator. */
  readonly recordClock: Clock;
  readonly hostClock: Clock;
  /** Boot id of the recorded kernel, 32 hexadecimal digits. */
  readonly clockId: string;
  readonly self: LockHolder;
  readonly isAlive: WriterLockOptions['isAlive'];
  readonly logger: Logger;
  readonly fs?: RecordFs;
}

/** Calls to `write` come one after the other. What cannot be written is dropped and counted. */
export interface RollingWriter extends RecordWriter {
  readonly base: string;
  /** Writes what has come so far, so that it can be read. */
  flush(): Promise<void>;
  health(): RecordHealth;
}
