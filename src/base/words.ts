/** Edits (of one character, or two swapped) that make one word of the other. */
function countEdits(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const isSame = left[row - 1] === right[column - 1];
      const isSwapped = left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const replaced = (last[column - 1] ?? 0) + (isSame ? 0 : 1);
      const added = Math.min(last[column] ?? 0, current[column - 1] ?? 0) + 1;
      const swapped = isSwapped && row > 1 ? (beforeLast[column - 2] ?? 0) + 1 : Infinity;
      current.push(Math.min(replaced, added, swapped));
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}

/** The candidate somebody who wrote this probably meant; undefined where none is near. */
function findClosestWord(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const limit = Math.max(1, Math.floor(word.length / 3));
  const near = candidates
    .map((candidate) => ({
      candidate,
      edits: countEdits(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ edits }) => edits <= limit);
  return near.sort((left, right) => left.edits - right.edits)[0]?.candidate;
}

/** What to say of a word that is none of those known: what was probably meant, or what there is. */
export function explainWord(word: string, known: readonly string[]): string {
  const closest = findClosestWord(word, known);
  return closest === undefined ? `expected ${known.join(', ')}` : `did you mean "${closest}"?`;
}

/** One of the words. @throws RangeError naming `what`, what was found, and what was probably meant. */
export function parseWord<T extends string>(text: string, words: readonly T[], what: string): T {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const shown = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  throw new RangeError(`${what}: found "${shown}", ${explainWord(text, words)}`);
}
