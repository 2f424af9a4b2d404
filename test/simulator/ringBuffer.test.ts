import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RingBuffer, SUB_BUFFER_BYTES } from '../../src/simulator/ringBuffer.ts';

interface DecodedEvent {
  readonly timeNs: bigint;
  readonly payload: Uint8Array;
}

/** Decodes by what `events/header_event` says; written for this test alone. */
function decodePage(page: Uint8Array): { events: DecodedEvent[]; lost: bigint | undefined } {
  const view = new DataView(page.buffer, page.byteOffset, page.length);
  let timeNs = view.getBigUint64(0, true);
  const commit = view.getBigUint64(8, true);
  const length = Number(commit & 0xfffffn);
  const events: DecodedEvent[] = [];
  let at = 16;
  while (at < 16 + length) {
    const head = view.getUint32(at, true);
    const type = head & 31;
    timeNs += BigInt(head >>> 5);
    at += 4;
    if (type === 30) {
      timeNs += BigInt(view.getUint32(at, true)) << 27n;
      at += 4;
      continue;
    }
    const bytes = type === 0 ? view.getUint32(at, true) - 4 : type * 4;
    if (type === 0) at += 4;
    events.push({ timeNs, payload: page.slice(at, at + bytes) });
    at += bytes;
  }
  const hasLost = (commit >> 31n) & 1n;
  return { events, lost: hasLost === 1n ? view.getBigUint64(16 + length, true) : undefined };
}

function readAll(buffer: RingBuffer): DecodedEvent[] {
  const events: DecodedEvent[] = [];
  for (let page = buffer.readPage(); page !== undefined; page = buffer.readPage()) {
    expect(page.length).toBe(SUB_BUFFER_BYTES);
    events.push(...decodePage(page).events);
  }
  return events;
}

describe('the ring buffer of a CPU', () => {
  test('gives back every event with its exact time, whatever lies between them', () => {
    const event = fc.record({
      deltaNs: fc.oneof(fc.nat({ max: 1000 }), fc.integer({ min: 2 ** 26, max: 2 ** 40 })),
      words: fc.integer({ min: 1, max: 60 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 300 }), (given) => {
        const buffer = new RingBuffer(1000);
        let timeNs = 5_000_000_000n;
        const written = given.map(({ deltaNs, words }, index) => {
          timeNs += BigInt(deltaNs);
          const payload = new Uint8Array(words * 4).fill(index % 256);
          buffer.write(timeNs, payload);
          return { timeNs, payload };
        });
        expect(readAll(buffer)).toEqual(written);
      }),
    );
  });

  test('gives a half-written page once, and later events in another', () => {
    const buffer = new RingBuffer(4);
    buffer.write(10n, new Uint8Array(8));
    expect(readAll(buffer)).toHaveLength(1);
    expect(buffer.readPage()).toBeUndefined();
    buffer.write(20n, new Uint8Array(8));
    expect(readAll(buffer).map(({ timeNs }) => timeNs)).toEqual([20n]);
    expect(buffer.stats()).toMatchObject({ entries: 0, readEvents: 2 });
  });

  test('overwrites the oldest, and the next page says how many were lost', () => {
    const buffer = new RingBuffer(2);
    for (let i = 0n; i < 1000n; i++) buffer.write(i, new Uint8Array(48));
    const { overrun, entries } = buffer.stats();
    expect(overrun + entries).toBe(1000);
    const first = buffer.readPage()!;
    // Sign-extended, as 6.12 and 7.2 were seen to write it.
    expect(new DataView(first.buffer).getBigUint64(8, true)).toBe(0xffff_ffff_c000_0fd8n);
    expect(decodePage(first).lost).toBe(BigInt(overrun));
    expect(decodePage(buffer.readPage()!).lost).toBeUndefined();
  });
});
