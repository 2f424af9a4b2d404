import { describe, expect, test, beforeAll } from 'vitest';
import { KERNELS, runGuest } from './harness.ts';

interface Summary {
  readonly nrSnapshots: number;
  readonly kdamondPids: readonly number[];
  readonly targetIds: readonly string[];
  readonly minRegions: number;
  readonly minSpacingMs: number;
  readonly medianWssMib: number;
  readonly lostEvents: number;
  readonly spoiledSnapshots: number;
  readonly malformedPages: number;
}

interface TraceReport {
  readonly kdamondPid: number;
  readonly stale: unknown;
  readonly staleLater: unknown;
  readonly instances: readonly string[];
  readonly sound: Summary;
  readonly lossy: Summary;
  readonly instancesLeft: readonly string[];
}

describe.each(KERNELS)('the trace of %s', (kernel) => {
  let found: TraceReport;

  beforeAll(async () => {
    const { reports } = await runGuest({ kernel, job: 'traceReader', timeoutSeconds: 400 });
    found = reports[0] as TraceReport;
  });

  test('gives each aggregation of a kdamond that moves from CPU to CPU', () => {
    const { sound, kdamondPid } = found;
    expect(sound.kdamondPids).toEqual([kdamondPid]);
    expect(sound.targetIds).toEqual(['0']);
    expect(sound.nrSnapshots).toBeGreaterThan(20);
    expect(sound.minRegions).toBeGreaterThanOrEqual(90);
    expect(sound.minSpacingMs).toBeGreaterThan(50);
    expect(sound).toMatchObject({ lostEvents: 0, spoiledSnapshots: 0, malformedPages: 0 });
  });

  test('shows the 64 of 256 MiB that are touched', () => {
    expect(found.sound.medianWssMib).toBeGreaterThan(64 * 0.88);
    expect(found.sound.medianWssMib).toBeLessThan(64 * 1.12);
  });

  test('with a buffer far too small still gives whole snapshots, and counts the rest', () => {
    expect(found.lossy.lostEvents).toBeGreaterThan(100);
    expect(found.lossy.malformedPages).toBe(0);
    expect(found.lossy.nrSnapshots).toBeGreaterThan(0);
    expect(found.lossy.minRegions).toBeGreaterThanOrEqual(90);
    expect(found.lossy.minSpacingMs).toBeGreaterThan(50);
  });

  test('is read in an instance of its own, of which nothing stays', () => {
    expect(found.instances).toEqual(['damon-exporter-PID-START', 'somebody']);
    expect(found.instancesLeft).toEqual(['somebody']);
  });

  test('loses the instances of dead exporters, but for one in use', () => {
    expect(found.stale).toEqual({
      removed: ['damon-exporter-99998-1'],
      kept: ['damon-exporter-99999-1'],
    });
    expect(found.staleLater).toEqual({ removed: ['damon-exporter-99999-1'], kept: [] });
  });
});
