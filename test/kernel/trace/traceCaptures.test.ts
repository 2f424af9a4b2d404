import { describe, expect, test } from 'vitest';
import {
  TRACE_CAPTURES,
  readCapturedPages,
  readCapturedText,
} from '../../support/traceCaptures.ts';
import {
  assemble,
  capturedLayouts,
  parsePages,
  toRegionEvents,
} from '../../support/traceParsing.ts';
import type { RegionEvent } from '../../support/tracePages.ts';

const WHOLE = TRACE_CAPTURES.filter(([, name]) => name !== 'vaddr-missed-events');
const MISSED = TRACE_CAPTURES.filter(([, name]) => name === 'vaddr-missed-events');

function byTime(a: RegionEvent, b: RegionEvent): number {
  return a.timeNs < b.timeNs ? -1 : 1;
}

function withoutTime({ timeNs: _, ...rest }: RegionEvent): Omit<RegionEvent, 'timeNs'> {
  return rest;
}

describe.each(WHOLE)('pages captured on %s, %s', (version, name) => {
  const cpus = readCapturedPages(version, name).map((pages) =>
    parsePages(pages, capturedLayouts(version)),
  );
  const text = readCapturedText(version, name);
  const parsed = cpus.flatMap((events) => toRegionEvents(events)).sort(byTime);

  test('hold exactly the events that the kernel printed', () => {
    expect(parsed.length).toBeGreaterThan(50);
    expect(parsed.map(withoutTime)).toEqual(text.regions.map(withoutTime));
  });

  test('carry the times that the kernel printed', () => {
    const offsNs = parsed.map((event, at) => Number(event.timeNs - text.regions[at]!.timeNs));
    // Two instances stamp the same event one after the other.
    expect(Math.max(...offsNs.map(Math.abs))).toBeLessThan(1_000_000);
  });

  test('carry the tuned intervals that the kernel printed', () => {
    const tuned = cpus
      .flatMap(({ tunedIntervals }) => tunedIntervals)
      .sort((a, b) => Number(a.timeNs - b.timeNs));
    expect(tuned.map(({ sampleIntervalUs }) => sampleIntervalUs)).toEqual(text.tunedSampleUs);
  });

  test('are whole and tell of no loss', () => {
    for (const events of cpus) {
      expect(events).toMatchObject({ malformedPages: 0, lostEvents: 0, unnumberedLosses: 0 });
    }
  });

  test('make whole snapshots of all regions', () => {
    const { snapshots, spoiledSnapshots } = assemble(cpus);
    const nrAssembled = snapshots.reduce((sum, { regions }) => sum + regions.count, 0);
    expect(spoiledSnapshots).toBe(0);
    expect(nrAssembled).toBe(parsed.length);
    for (const { regions } of snapshots) {
      expect(regions.startAddr).toHaveLength(regions.count);
      for (let at = 0; at < regions.count; at += 1) {
        expect(regions.endAddr[at]! > regions.startAddr[at]!).toBe(true);
        if (at > 0) expect(regions.startAddr[at]! >= regions.endAddr[at - 1]!).toBe(true);
      }
    }
  });
});

describe.each(MISSED)('pages with overruns captured on %s, %s', (version, name) => {
  const cpus = readCapturedPages(version, name).map((pages) =>
    parsePages(pages, capturedLayouts(version)),
  );
  const text = readCapturedText(version, name);

  test('tell how many events were lost', () => {
    const nrRead = cpus.reduce((sum, { count }) => sum + count, 0);
    const nrLost = cpus.reduce((sum, { lostEvents }) => sum + lostEvents, 0);
    const nrUnread = text.regions.length - nrRead;
    expect(nrLost).toBeGreaterThan(0);
    // What is lost at the very end is told by no page.
    expect(nrLost).toBeLessThanOrEqual(nrUnread);
    expect(cpus.map(({ malformedPages }) => malformedPages)).toEqual([0, 0]);
  });

  test('make no snapshot that the kernel did not print', () => {
    const printed = new Set<string>();
    let key = '';
    for (const { start, end, nrAccesses, age, nrRegions } of text.regions) {
      const isFirst = key === '';
      key += `${isFirst ? '' : ','}${start}-${end}:${nrAccesses}:${age}`;
      if (key.split(',').length !== nrRegions) continue;
      printed.add(key);
      key = '';
    }
    const { snapshots, spoiledSnapshots } = assemble(cpus);
    expect(spoiledSnapshots).toBeGreaterThan(0);
    expect(snapshots.length).toBeGreaterThan(0);
    for (const { regions } of snapshots) {
      const found = Array.from(
        { length: regions.count },
        (_, at) =>
          `${regions.startAddr[at]}-${regions.endAddr[at]}:${regions.nrAccesses[at]}:${regions.ageIntervals[at]}`,
      ).join(',');
      expect(printed.has(found)).toBe(true);
    }
  });
});
