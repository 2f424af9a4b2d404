import type { RecordedStream } from '../record/recording.ts';

/** Which streams of a record a report is about; what is undefined is not asked for. */
export interface StreamFilter {
  readonly kdamond?: string | undefined;
  readonly contextIndex?: number | undefined;
  readonly schemeIndex?: number | undefined;
  readonly targetId?: string | undefined;
}

export function isStreamSelected(stream: RecordedStream, filter: StreamFilter): boolean {
  return (
    (filter.kdamond === undefined || filter.kdamond === stream.kdamond) &&
    (filter.contextIndex === undefined || filter.contextIndex === stream.contextIndex) &&
    (filter.schemeIndex === undefined || filter.schemeIndex === stream.schemeIndex) &&
    (filter.targetId === undefined || filter.targetId === stream.targetId)
  );
}

/** The target's id as damo prints it: "None" where the record has none. */
export function formatTargetId(stream: RecordedStream): string {
  return stream.targetId ?? 'None';
}

/** "kdamond 0, context 0, scheme 1" as far as the record tells. */
export function describeOrigin(stream: StreamFilter): string {
  const { kdamond, contextIndex, schemeIndex } = stream;
  return [
    kdamond === undefined ? '' : `kdamond ${kdamond}`,
    contextIndex === undefined ? '' : `context ${contextIndex}`,
    schemeIndex === undefined ? '' : `scheme ${schemeIndex}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/**
 * A name for each stream, in the order given: the target's id alone where that is enough, else with
 * what tells it from the others of the same id.
 */
export function labelStreams(streams: readonly RecordedStream[]): string[] {
  const labels = streams.map((stream) => {
    const id = formatTargetId(stream);
    const isAlone = streams.every((other) => other === stream || formatTargetId(other) !== id);
    const origin = describeOrigin(stream);
    return isAlone || origin === '' ? id : `${id} (${origin})`;
  });
  return labels.map((label, index) => {
    const isAlone = labels.indexOf(label) === labels.lastIndexOf(label);
    const nth = labels.slice(0, index + 1).filter((other) => other === label).length;
    return isAlone ? label : `${label} (record ${nth})`;
  });
}

/** For messages and titles: the target with its command, if recorded. */
export function describeStream(stream: RecordedStream): string {
  const { targetName } = stream;
  const target = `target ${formatTargetId(stream)}${targetName === undefined ? '' : ` (${targetName})`}`;
  return [target, describeOrigin(stream)].filter((part) => part !== '').join(', ');
}

/** A name for each stream as {@link labelStreams}, for pictures: with the command. */
export function nameStreams(streams: readonly RecordedStream[]): string[] {
  const labels = labelStreams(streams);
  return streams.map(({ targetName }, index) => {
    const name = `target ${labels[index] ?? ''}`;
    return targetName === undefined ? name : `${name}: ${targetName}`;
  });
}

function streamKey({ kdamond, contextIndex, schemeIndex, targetId }: RecordedStream): string {
  return JSON.stringify([kdamond, contextIndex, schemeIndex, targetId]);
}

/** Finds a stream of one reading in another, which may have objects of its own for streams. */
export interface StreamFinder {
  /** Several streams look alike: only the order in which all come first tells them apart. */
  readonly needsOrder: boolean;
  /** Asked for each snapshot's stream, in the order of the file. */
  isTarget(stream: RecordedStream): boolean;
}

export function createStreamFinder(
  target: { readonly stream: RecordedStream; readonly nth: number },
  all: readonly { readonly stream: RecordedStream }[],
): StreamFinder {
  const key = streamKey(target.stream);
  const needsOrder = all.filter(({ stream }) => streamKey(stream) === key).length > 1;
  const order = new Map<RecordedStream, boolean>();
  return {
    needsOrder,
    isTarget: (stream) => {
      let isTarget = order.get(stream);
      if (isTarget === undefined) {
        isTarget = needsOrder ? order.size === target.nth : streamKey(stream) === key;
        order.set(stream, isTarget);
      }
      return isTarget;
    },
  };
}
