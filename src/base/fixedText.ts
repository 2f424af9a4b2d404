const WORD_BYTES = 8;

/** Bytes that are expected over and over. */
export interface FixedText {
  readonly bytes: Uint8Array;
  /**
   * The same as doubles, the last one overlapping the one before; empty for short ones. Eight bytes
   * of text are never NaN or zero, so that they are the same where the doubles are equal.
   */
  readonly words: Float64Array;
}

/** Copies the bytes, which must be text. */
export function createFixedText(text: Uint8Array): FixedText {
  const bytes = text.slice();
  if (bytes.length < WORD_BYTES) return { bytes, words: new Float64Array(0) };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = new Float64Array(Math.ceil(bytes.length / WORD_BYTES));
  for (let word = 0; word < words.length; word += 1) {
    words[word] = view.getFloat64(Math.min(WORD_BYTES * word, bytes.length - WORD_BYTES), true);
  }
  return { bytes, words };
}

/** Whether the bytes at `at` are that text. There must be as many in the view. */
export function isFixedAt(view: DataView, at: number, { bytes, words }: FixedText): boolean {
  const last = words.length - 1;
  if (last < 0) {
    for (let index = 0; index < bytes.length; index += 1) {
      if (view.getUint8(at + index) !== bytes[index]) return false;
    }
    return true;
  }
  for (let index = 0; index < last; index += 1) {
    if (view.getFloat64(at + WORD_BYTES * index, true) !== words[index]) return false;
  }
  return view.getFloat64(at + bytes.length - WORD_BYTES, true) === words[last];
}
