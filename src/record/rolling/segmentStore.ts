import { createRecordError } from '../recordFault.ts';
import { isErrno } from '../own/recordFs.ts';
import type { RecordFs } from '../own/recordFs.ts';
import { RecordError } from '../../base/errors.ts';
import {
  MAX_SEGMENT_NUMBER,
  formatSegmentPath,
  listSegments,
  parseSegmentNumber,
} from './segments.ts';
import type { Segment } from './segments.ts';

/** The segments nobody writes to any more, of this run and of earlier ones. */
export class SegmentStore {
  readonly #fs: RecordFs;
  readonly #base: string;
  #segments: readonly Segment[] = [];
  #lastNumber = 0;

  constructor(fs: RecordFs, base: string) {
    this.#fs = fs;
    this.#base = base;
  }

  get sizeBytes(): number {
    return this.#segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  get nrSegments(): number {
    return this.#segments.length;
  }

  /** Finds what earlier runs left. */
  async load(): Promise<void> {
    this.#segments = await listSegments(this.#fs, this.#base);
    this.#lastNumber = parseSegmentNumber(this.#segments.at(-1)?.path);
  }

  /**
   * A name that was not given before, not to a file that was deleted since either.
   *
   * @throws RecordError after the last one, which somebody else must have made.
   */
  nextPath(): string {
    if (this.#lastNumber >= MAX_SEGMENT_NUMBER) {
      const path = formatSegmentPath(this.#base, this.#lastNumber);
      const hint = 'found a segment with the last number there is; remove it and start anew';
      throw new RecordError({ operation: 'record after', path, hint });
    }
    this.#lastNumber += 1;
    return formatSegmentPath(this.#base, this.#lastNumber);
  }

  add(segment: Segment): void {
    this.#segments = [...this.#segments, segment];
  }

  /** Deletes the oldest segments until they are small and young enough. @throws RecordError */
  async prune(limits: { readonly maxSizeBytes: number; readonly oldestMs: number }): Promise<void> {
    for (;;) {
      const [oldest] = this.#segments;
      if (oldest === undefined) return;
      const isYoung = oldest.modifiedMs >= limits.oldestMs;
      if (isYoung && this.sizeBytes <= limits.maxSizeBytes) return;
      await this.remove(oldest.path);
    }
  }

  /** @throws RecordError when the file is still there. */
  async remove(path: string): Promise<void> {
    try {
      await this.#fs.remove(path);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw createRecordError('delete', path, error);
    }
    this.#segments = this.#segments.filter((segment) => segment.path !== path);
  }
}
