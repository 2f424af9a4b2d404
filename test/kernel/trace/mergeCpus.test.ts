import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compactCpuEvents } from '../../../src/kernel/trace/cpuEvents.ts';
import type { CpuEvents } from '../../../src/kernel/trace/cpuEvents.ts';
import { createCpuMerger } from '../../../src/kernel/trace/mergeCpus.ts';
import { planSnapshot, toCpuEvents } from '../../support/traceEvents.ts';
import { toRegionEvents } from '../../support/traceParsing.ts';

function eventsAt(times: readonly bigint[]): CpuEvents {
  const [event] = planSnapshot({ beginNs: 0n, nrRegions: 1 });
  return toCpuEvents(times.map((timeNs) => ({ ...event!, timeNs })));
}

/** Times as they are handed on up to the watermark, each with the losses passed on its CPU. */
function merge(cpus: readonly CpuEvents[], watermarkNs: number): [bigint, number][] {
  const handed: [bigint, number][] = [];
  createCpuMerger()(cpus, watermarkNs, (events, from, to) => {
    for (const { timeNs } of toRegionEvents(events, from, to))
      handed.push([timeNs, events.lossSerial]);
  });
  return handed;
}

describe('events of several CPUs', () => {
  test('come in the order of time, whichever CPU they are of', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(fc.bigInt(0n, 1n << 53n), fc.nat(3)), {
          selector: ([time]) => time,
        }),
        (stamps) => {
          const sorted = stamps.toSorted((a, b) => (a[0] < b[0] ? -1 : 1));
          const cpus = [0, 1, 2, 3].map((cpu) =>
            eventsAt(sorted.flatMap(([time, at]) => (at === cpu ? [time] : []))),
          );
          expect(merge(cpus, Infinity).map(([time]) => time)).toEqual(sorted.map(([time]) => time));
        },
      ),
    );
  });

  test('later than the watermark wait for the next round', () => {
    const cpus = [eventsAt([10n, 40n]), eventsAt([20n, 30n, 50n])];
    expect(merge(cpus, 30).map(([time]) => time)).toEqual([10n, 20n, 30n]);
    for (const events of cpus) compactCpuEvents(events);
    expect(cpus.map((events) => [events.first, events.count])).toEqual([
      [0, 1],
      [0, 1],
    ]);
    expect(merge(cpus, 100).map(([time]) => time)).toEqual([40n, 50n]);
  });

  test('tell which losses of their CPU came before them', () => {
    const cpus = [eventsAt([10n, 40n]), eventsAt([20n, 30n])];
    cpus[0]!.lossIndexes.push(1);
    cpus[1]!.lossIndexes.push(0);
    expect(merge(cpus, Infinity)).toEqual([
      [10n, 0],
      [20n, 1],
      [30n, 1],
      [40n, 2],
    ]);
  });

  test('remember a loss behind the last one until more has come', () => {
    const events = eventsAt([10n, 20n]);
    events.lossIndexes.push(2);
    expect(merge([events], Infinity)).toEqual([
      [10n, 0],
      [20n, 0],
    ]);
    compactCpuEvents(events);
    expect(events.lossIndexes).toEqual([0]);
  });

  test('whose times go back, as in damaged pages, are handed on all the same', () => {
    const cpus = [eventsAt([10n, 20n, 30n, 40n]), eventsAt([15n, 25n])];
    cpus[0]!.timeHalves.set([30, 0, 20, 0, 10, 0, 5, 0]);
    expect(merge(cpus, Infinity)).toHaveLength(6);
  });
});
