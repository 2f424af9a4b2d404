/** Runs through all there is for its side effects. */
export async function drain(items: AsyncIterable<unknown>): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  for (;;) {
    const { done } = await iterator.next();
    if (done === true) return;
  }
}
