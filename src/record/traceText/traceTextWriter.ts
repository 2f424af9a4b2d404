import { HIGH_HALF, LOW_HALF, viewUint64Halves } from '../../base/uint64Halves.ts';
import type { RecordedRegions, RecordedSnapshot, RecordedStream } from '../recording.ts';
import { createStreamedWriter } from '../write/streamedWriter.ts';
import type { AbortableWriter, RecordText } from '../write/streamedWriter.ts';
import { encodeAscii } from '../write/textBuffer.ts';
import type { TextBuffer } from '../write/textBuffer.ts';
import { createWholeFile } from '../write/wholeFile.ts';
import type { WholeFileOptions } from '../write/wholeFile.ts';

const NS_PER_SECOND = 1_000_000_000n;
const SPACE = encodeAscii(' ');
const DASH = encodeAscii('-');
const COLON = encodeAscii(': ');
const LINE_END = encodeAscii('\n');

interface WrittenStream {
  /** "kdamond.0  1 [000]": the number keeps streams apart that name the same target. */
  readonly task: string;
  nrSnapshots: number;
  sampleIntervalUs: number | undefined;
  lastStartNs: bigint;
  lastEndNs: bigint;
}

function formatTime(timeNs: bigint): string {
  const fraction = (timeNs % NS_PER_SECOND).toString().padStart(9, '0');
  return `${(timeNs / NS_PER_SECOND).toString()}.${fraction}`;
}

/**
 * The text of `perf script --ns`. Lost: intervals but a tuned sampling interval, names, statistics and
 * filters of schemes, probes, and the beginning of the first snapshot and of every one behind a gap.
 * A stream of one snapshot gets damo's placeholder behind it, which tells how long that took.
 */
class TraceText implements RecordText {
  readonly #streams = new Map<RecordedStream, WrittenStream>();
  #linePrefix = new Uint8Array(0);

  begin(): void {
    // No header: damo's reader would stumble over it.
  }

  beginSnapshot(out: TextBuffer, snapshot: RecordedSnapshot): void {
    const { stream, startNs, endNs, regions, sampleIntervalUs } = snapshot;
    let written = this.#streams.get(stream);
    if (written === undefined) {
      const task = `kdamond.0 ${this.#streams.size + 1} [000]`;
      written = {
        task,
        nrSnapshots: 0,
        sampleIntervalUs: undefined,
        lastStartNs: 0n,
        lastEndNs: 0n,
      };
      this.#streams.set(stream, written);
    }
    if (sampleIntervalUs !== undefined && sampleIntervalUs !== written.sampleIntervalUs) {
      written.sampleIntervalUs = sampleIntervalUs;
      // Readers take the end before as the start, and can only guess the first.
      const sinceNs = written.lastEndNs < startNs ? written.lastEndNs : startNs;
      out.addText(
        `${written.task} ${formatTime(sinceNs)}: damon:damon_monitor_intervals_tune: sample_us=${sampleIntervalUs}\n`,
      );
    }
    written.nrSnapshots += 1;
    written.lastStartNs = startNs;
    written.lastEndNs = endNs;
    const event = formatEvent(stream, regions.count);
    this.#linePrefix = encodeAscii(`${written.task} ${formatTime(endNs)}: ${event} `);
  }

  addRegions(out: TextBuffer, regions: RecordedRegions, from: number, to: number): void {
    const startHalves = viewUint64Halves(regions.startAddr);
    const endHalves = viewUint64Halves(regions.endAddr);
    for (let index = from; index < to; index += 1) {
      const low = 2 * index + LOW_HALF;
      const high = 2 * index + HIGH_HALF;
      out.addBytes(this.#linePrefix);
      out.addUint64(startHalves[low] ?? 0, startHalves[high] ?? 0);
      out.addBytes(DASH);
      out.addUint64(endHalves[low] ?? 0, endHalves[high] ?? 0);
      out.addBytes(COLON);
      out.addUint64(regions.nrAccesses[index] ?? 0, 0);
      if (regions.hasAges) {
        out.addBytes(SPACE);
        out.addUint64(regions.ageIntervals[index] ?? 0, 0);
      }
      out.addBytes(LINE_END);
    }
  }

  end(out: TextBuffer): void {
    for (const [stream, { task, nrSnapshots, lastStartNs, lastEndNs }] of this.#streams) {
      if (nrSnapshots !== 1) continue;
      const endNs = 2n * lastEndNs - lastStartNs;
      out.addText(`${task} ${formatTime(endNs)}: ${formatEvent(stream, 1)} 0-0: -1 -1\n`);
    }
  }
}

function formatEvent(stream: RecordedStream, nrRegions: number): string {
  const target = /^\d+$/.test(stream.targetId ?? '') ? (stream.targetId ?? '0') : '0';
  return stream.schemeIndex === undefined
    ? `damon:damon_aggregated: target_id=${target} nr_regions=${nrRegions}`
    : `damon:damos_before_apply: ctx_idx=${stream.contextIndex ?? 0} scheme_idx=${stream.schemeIndex} target_idx=${target} nr_regions=${nrRegions}`;
}

/** Writes text as `perf script` prints DAMON's events. A snapshot without regions leaves no line. */
export async function createTraceTextWriter(options: WholeFileOptions): Promise<AbortableWriter> {
  return createStreamedWriter(await createWholeFile(options), new TraceText());
}
