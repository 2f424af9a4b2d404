import type { ByteWindow } from '../../base/byteWindow.ts';
import { describeError } from '../../base/errors.ts';
import { JsonScanner } from '../../base/jsonScanner.ts';
import type { JsonToken } from '../../base/jsonScanner.ts';
import type { DamageList } from '../damages.ts';
import type { RecordedSnapshot, RecordedStream } from '../recording.ts';
import { RegionScratch } from '../regionScratch.ts';
import {
  SNAPSHOT_KEYS,
  addDamoRegion,
  addMatchedRegion,
  buildDamoSnapshot,
  parseSnapshotTimes,
} from './damoSnapshot.ts';
import { RECORD_KEYS, StreamRegistry, parseDamoStream } from './damoStream.ts';
import { JsonValueBuilder } from './jsonValue.ts';
import type { JsonValue } from './jsonValue.ts';
import { createSlotValues, learnRegionTemplate, matchRegion } from './regionTemplate.ts';
import type { RegionTemplate } from './regionTemplate.ts';

/** The text is JSON, but not the list of records damo writes. */
export class NotARecordError extends Error {}

type Place = 'root' | 'records' | 'record' | 'snapshots' | 'snapshot' | 'regions';

/** Where the text has sorted keys, snapshots wait for the target they belong to. */
const MAX_WAITING_BYTES = 64 << 20;
/** A writer has one layout; a file that changes it each time is not learned from for ever. */
const MAX_LESSONS = 10_000;
const MAX_TEXT_TO_LEARN = 4096;

/**
 * Makes snapshots of damo's JSON as it comes. Of a snapshot only its columns are kept, of the text
 * only what is not understood yet.
 */
export class DamoJsonParser {
  readonly #window: ByteWindow;
  readonly #scanner: JsonScanner;
  readonly #damages: DamageList;
  readonly #scratch = new RegionScratch();
  readonly #streams = new StreamRegistry();
  readonly #builder = new JsonValueBuilder();
  readonly #slotValues = createSlotValues();
  #place: Place = 'root';
  /** Depth at which a value that is built or skipped began; 0 for none. */
  #valueDepth = 0;
  #isSkipping = false;
  #key = '';
  #record = new Map<string, JsonValue>();
  #snapshot = new Map<string, JsonValue>();
  #snapshotOffset = 0;
  #problem: string | undefined;
  #stream: RecordedStream | undefined;
  #waiting: RecordedSnapshot[] = [];
  #waitingBytes = 0;
  #lastStartNs = -1n;
  #lastEndNs = -1n;
  #template: RegionTemplate | undefined;
  #nrLessons = 0;
  #finished: RecordedSnapshot[] = [];

  constructor(window: ByteWindow, damages: DamageList) {
    this.#window = window;
    this.#scanner = new JsonScanner(window);
    this.#damages = damages;
  }

  /** Snapshots finished since the last call. */
  takeSnapshots(): RecordedSnapshot[] {
    const taken = this.#finished;
    this.#finished = [];
    return taken;
  }

  /**
   * Works through what is in the window.
   *
   * @throws JsonSyntaxError, NotARecordError; RangeError for what no record has.
   */
  advance(): void {
    for (;;) {
      if (this.#place === 'regions' && this.#valueDepth === 0 && this.#matchRegions()) return;
      const token = this.#scanner.next();
      if (token === 'more' || token === 'end') return;
      if (this.#valueDepth > 0) this.#continueValue(token);
      else this.#take(token);
    }
  }

  #take(token: JsonToken): void {
    switch (this.#place) {
      case 'root':
        if (token !== '[') throw new NotARecordError('not a list');
        this.#place = 'records';
        return;
      case 'records':
        if (token === ']') return;
        if (token !== '{') throw new NotARecordError('a list of something else than records');
        this.#beginRecord();
        return;
      case 'record':
        if (token === 'key') this.#key = this.#scanner.text;
        else if (token === '}') this.#endRecord();
        else if (this.#key === 'snapshots' && token === '[') this.#place = 'snapshots';
        else this.#beginValue(token, RECORD_KEYS.has(this.#key));
        return;
      case 'snapshots':
        if (token === ']') this.#place = 'record';
        else if (token === '{') this.#beginSnapshot();
        else this.#beginValue(token, false);
        return;
      case 'snapshot':
        if (token === 'key') this.#key = this.#scanner.text;
        else if (token === '}') this.#endSnapshot();
        else if (this.#key === 'regions' && token === '[') this.#beginRegions();
        else this.#beginValue(token, SNAPSHOT_KEYS.has(this.#key));
        return;
      case 'regions':
        if (token === ']') this.#place = 'snapshot';
        else this.#beginValue(token, true);
    }
  }

  #beginRecord(): void {
    this.#place = 'record';
    this.#record = new Map();
    this.#stream = undefined;
    this.#lastStartNs = this.#lastEndNs = -1n;
  }

  #endRecord(): void {
    this.#place = 'records';
    this.releaseWaiting();
  }

  #beginSnapshot(): void {
    this.#place = 'snapshot';
    this.#snapshot = new Map();
    this.#snapshotOffset = this.#window.offsetOf(this.#scanner.tokenStart);
    this.#problem = undefined;
    this.#scratch.clear();
  }

  #beginRegions(): void {
    this.#place = 'regions';
    this.#scratch.clear();
  }

  #beginValue(token: JsonToken, isWanted: boolean): void {
    this.#isSkipping = !isWanted;
    const isContainer = token === '{' || token === '[';
    this.#valueDepth = this.#scanner.depth + (isContainer ? 0 : 1);
    // The whole text of a region, to learn from; brackets keep their own first byte.
    if (this.#place === 'regions' && token === '{')
      this.#window.keepFrom = this.#scanner.tokenStart;
    this.#continueValue(token);
  }

  #continueValue(token: JsonToken): void {
    if (!this.#isSkipping) {
      const isBracket = token === '{' || token === '}' || token === '[' || token === ']';
      const text = isBracket ? '' : this.#scanner.text;
      const built = this.#builder.add(token, text);
      if (built !== undefined) this.#finishValue(built.value);
    }
    if (this.#scanner.depth < this.#valueDepth) this.#valueDepth = 0;
  }

  #finishValue(value: JsonValue): void {
    if (this.#place === 'record') this.#record.set(this.#key, value);
    else if (this.#place === 'snapshot') this.#snapshot.set(this.#key, value);
    else this.#addRegion(value);
  }

  #addRegion(value: JsonValue): void {
    if (this.#problem === undefined) {
      try {
        addDamoRegion(value, this.#scratch);
      } catch (error) {
        this.#spoilSnapshot(error);
      }
    }
    const { keepFrom, pos, bytes } = this.#window;
    this.#window.keepFrom = -1;
    const isLesson = keepFrom >= 0 && pos - keepFrom <= MAX_TEXT_TO_LEARN;
    if (!isLesson || this.#problem !== undefined || this.#nrLessons >= MAX_LESSONS) return;
    this.#nrLessons += 1;
    this.#template = learnRegionTemplate(bytes.subarray(keepFrom, pos));
  }

  /**
   * Reads regions for as long as they are laid out like the last one.
   *
   * @returns true when the next one may fit once more of it is in the window.
   */
  #matchRegions(): boolean {
    const template = this.#template;
    const values = this.#slotValues;
    if (template === undefined) return false;
    for (;;) {
      const at = this.#scanner.findNextElement();
      if (at < 0) return false;
      if (at + template.maxBytes > this.#window.end) return !this.#window.isFinal;
      if (!matchRegion(template, this.#window, at, values)) return false;
      if (this.#problem === undefined) {
        try {
          if (!addMatchedRegion(template, values, this.#scratch)) return false;
        } catch (error) {
          this.#spoilSnapshot(error);
        }
      }
      this.#scanner.continueBehindElement(values.next);
    }
  }

  #spoilSnapshot(error: unknown): void {
    if (!(error instanceof RangeError)) throw error;
    this.#problem = `region ${this.#scratch.count}: ${describeError(error)}`;
  }

  #endSnapshot(): void {
    this.#place = 'snapshots';
    try {
      if (this.#problem !== undefined) throw new RangeError(this.#problem);
      this.#deliver();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#damages.add(this.#snapshotOffset, `left out a snapshot: ${describeError(error)}`);
    }
  }

  #deliver(): void {
    const values = this.#snapshot;
    const { startNs, endNs } = parseSnapshotTimes(values);
    if (startNs < this.#lastStartNs || endNs < this.#lastEndNs) {
      throw new RangeError(
        `it ends at ${endNs.toString()}, before the one before it, which ends at ${this.#lastEndNs.toString()}`,
      );
    }
    this.#lastStartNs = startNs;
    this.#lastEndNs = endNs;
    if (this.#stream !== undefined) this.#streams.addAnother();
    else if (this.#record.has('target_id')) this.#stream = this.#beginStream(startNs);
    const stream = this.#stream ?? this.#parseStream();
    const snapshot = buildDamoSnapshot(values, this.#scratch, stream);
    if (this.#stream === undefined) this.#wait(snapshot);
    else this.#finished.push(snapshot);
  }

  #parseStream(): RecordedStream {
    try {
      return parseDamoStream(this.#record);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const message = `left out what a record says of itself: ${error.message}`;
      this.#damages.add(this.#snapshotOffset, message);
      return parseDamoStream(new Map());
    }
  }

  #beginStream(startNs: bigint): RecordedStream {
    return this.#streams.begin(this.#parseStream(), startNs);
  }

  #wait(snapshot: RecordedSnapshot): void {
    this.#waitingBytes += 40 * snapshot.regions.count + 1000;
    if (this.#waitingBytes > MAX_WAITING_BYTES) {
      throw new NotARecordError('the target_id of a record follows its many snapshots');
    }
    this.#waiting.push(snapshot);
  }

  /** Also to be called where the text ends in the middle. */
  releaseWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const snapshot of waiting) {
      if (this.#stream === undefined) this.#stream = this.#beginStream(snapshot.startNs);
      else this.#streams.addAnother();
      this.#finished.push({ ...snapshot, stream: this.#stream });
    }
  }
}
