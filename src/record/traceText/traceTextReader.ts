import { ByteWindow } from '../../base/byteWindow.ts';
import { RecordError, describeError } from '../../base/errors.ts';
import { DamageList, createDamageError } from '../damages.ts';
import { drain } from '../drain.ts';
import type { StreamSpan } from '../firstStart.ts';
import { isInRange } from '../readRange.ts';
import type { ReadRange, RecordReader, RecordedSnapshot } from '../recording.ts';
import { SourceDamage } from '../source/byteSource.ts';
import type { ByteSource } from '../source/byteSource.ts';
import { TraceAssembler } from './traceAssembler.ts';

/**
 * Reads lines of DAMON's trace events: what `perf script`, `trace-cmd report` and tracefs print, and
 * what damo writes as perf_script. The text is read twice: when the first snapshot began follows
 * from the spacing of all.
 */
export function createTraceTextReader(path: string, source: ByteSource): RecordReader {
  let damages = new DamageList(source);
  let spans: ReadonlyMap<string, StreamSpan> | undefined;
  return {
    format: 'perf_script',
    clockBase: undefined,
    get damages() {
      return damages.list;
    },
    async *readSnapshots(range?: ReadRange) {
      spans ??= await findSpans(path, source);
      damages = new DamageList(source);
      for await (const batch of readBatches({ path, source, damages, spans })) {
        const inRange = range === undefined ? batch : batch.filter((one) => isInRange(one, range));
        if (inRange.length > 0) yield inRange;
      }
    },
    close: () => Promise.resolve(),
  };
}

interface Reading {
  readonly path: string;
  readonly source: ByteSource;
  readonly damages: DamageList;
  readonly spans: ReadonlyMap<string, StreamSpan> | undefined;
}

async function findSpans(
  path: string,
  source: ByteSource,
): Promise<ReadonlyMap<string, StreamSpan>> {
  let assembler: TraceAssembler | undefined;
  const reading = { path, source, damages: new DamageList(source), spans: undefined };
  await drain(readBatches(reading, (made) => (assembler = made)));
  if (assembler === undefined || assembler.nrEvents === 0) {
    const hint = 'found text without any damon_aggregated or damos_before_apply event';
    const [damage] = reading.damages.list;
    throw damage === undefined
      ? new RecordError({ operation: 'read', path, hint })
      : createDamageError(path, damage, hint);
  }
  return assembler.spans;
}

async function* readBatches(
  reading: Reading,
  onBegin?: (assembler: TraceAssembler) => void,
): AsyncGenerator<readonly RecordedSnapshot[]> {
  const { source, damages, spans } = reading;
  const window = new ByteWindow();
  const assembler = new TraceAssembler(window, damages, spans);
  onBegin?.(assembler);
  try {
    for await (const piece of source.open()) {
      window.append(piece);
      assembler.advance();
      const batch = assembler.takeSnapshots();
      if (batch.length > 0) yield batch;
    }
    window.isFinal = true;
    assembler.advance();
  } catch (error) {
    noteDamage(error, reading, window);
  }
  assembler.finish();
  const rest = assembler.takeSnapshots();
  if (rest.length > 0) yield rest;
}

/** @throws the error when it is not one of damage. */
function noteDamage(error: unknown, { damages }: Reading, window: ByteWindow): void {
  if (error instanceof SourceDamage) damages.addInFile(error.byteOffset, error.message);
  else if (error instanceof RangeError) {
    damages.add(window.offsetOf(window.pos), `${describeError(error)}; stopped there`);
  } else throw error;
}
