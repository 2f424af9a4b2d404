import { describe, expect, test } from 'vitest';
import { KernelError } from '../../../src/base/errors.ts';
import { openTraceInstance } from '../../../src/kernel/trace/traceInstance.ts';
import { createFakeTracefs } from '../../support/fakeTracefs.ts';
import type { FakeTracefs } from '../../support/fakeTracefs.ts';
import { AGGREGATED_FORMAT, pageFormatText } from '../../support/tracePages.ts';

const ROOT = 'trace/instances/damon-exporter-7';

function open(fs: FakeTracefs): ReturnType<typeof openTraceInstance> {
  return openTraceInstance({ fs, pid: 7, bufferSizeKb: 1024 });
}

describe('opening a trace instance', () => {
  test('sets clock and size before it switches the events on', () => {
    const fs = createFakeTracefs({ events: ['damon_aggregated', 'damon_monitor_intervals_tune'] });
    open(fs);
    expect(fs.writes).toEqual([
      `${ROOT}/trace_clock mono`,
      `${ROOT}/buffer_size_kb 1024`,
      `${ROOT}/options/overwrite 1`,
      `${ROOT}/tracing_on 1`,
      `${ROOT}/events/damon/damon_monitor_intervals_tune/enable 1`,
      `${ROOT}/events/damon/damon_aggregated/enable 1`,
    ]);
  });

  test('switches only the events on that this kernel has', () => {
    const fs = createFakeTracefs();
    const { layouts } = open(fs);
    expect(layouts.events.intervalsTune).toBeUndefined();
    expect(fs.writes.filter((write) => write.includes('enable'))).toHaveLength(1);
  });

  test('takes the size of sub-buffers of the instance, where it tells one', () => {
    const fs = createFakeTracefs();
    const withLargerPages: FakeTracefs = {
      ...fs,
      makeDir: (path) => {
        fs.makeDir(path);
        fs.entries.set(`${ROOT}/events/header_page`, pageFormatText(65536));
      },
    };
    expect(open(withLargerPages).pageSizeBytes).toBe(65536);
  });

  test('replaces what it left in an earlier life', () => {
    const fs = createFakeTracefs();
    fs.makeDir(ROOT);
    fs.entries.set(`${ROOT}/old`, '');
    open(fs);
    expect(fs.exists(`${ROOT}/old`)).toBe(false);
  });

  test('leaves nothing behind when closed', () => {
    const fs = createFakeTracefs();
    const before = [...fs.entries.keys()];
    open(fs).close();
    expect([...fs.entries.keys()]).toEqual(before);
    expect(fs.nrOpenStreams()).toBe(0);
  });
});

describe('where opening is impossible', () => {
  test.each([
    ['ENOENT', /use tracefs at \/trace\/instances: ENOENT; no tracefs here; mount it/],
    ['EACCES', /EACCES; tracefs is closed to this user; run as root, or give .* CAP_DAC_OVERRIDE/],
    ['EPERM', /EPERM; tracefs is closed to this user/],
    ['EIO', /EIO; an own trace instance is needed/],
  ])('listing fails with %s: the reason says what to do', (errno, message) => {
    const fs = createFakeTracefs();
    fs.faults.set('list trace/instances', errno);
    expect(() => open(fs)).toThrow(message);
  });

  test.each([
    ['EACCES', /closed to this user/],
    ['EROFS', /mounted read-only; mount it writable/],
  ])('making the instance fails with %s: the reason says what to do', (errno, message) => {
    const fs = createFakeTracefs();
    fs.faults.set(`create directory ${ROOT}`, errno);
    expect(() => open(fs)).toThrow(message);
  });

  test('a kernel without the tracepoints is told apart from one without tracefs', () => {
    const fs = createFakeTracefs({ events: [] });
    expect(() => open(fs)).toThrow(
      /find \/trace\/events\/damon\/damon_aggregated\/format: this kernel has no DAMON tracepoints/,
    );
    expect(fs.list('trace/instances')).toEqual([]);
  });

  test.each([
    `write ${ROOT}/trace_clock`,
    `write ${ROOT}/buffer_size_kb`,
    `write ${ROOT}/events/damon/damon_aggregated/enable`,
    `open ${ROOT}/per_cpu/cpu1/trace_pipe_raw`,
    'read trace/events/header_page',
    'read trace/events/damon/damon_aggregated/format',
  ])('no instance stays when "%s" fails', (operation) => {
    const fs = createFakeTracefs();
    fs.faults.set(operation, 'EINVAL');
    expect(() => open(fs)).toThrow(KernelError);
    expect(fs.list('trace/instances')).toEqual([]);
    expect(fs.nrOpenStreams()).toBe(0);
  });

  test('no instance stays when a layout is not understood', () => {
    const fs = createFakeTracefs();
    const changed = AGGREGATED_FORMAT.replace(' target_id;', ' target;');
    fs.entries.set('trace/events/damon/damon_aggregated/format', changed);
    expect(() => open(fs)).toThrow(/the field target_id is missing/);
    expect(fs.list('trace/instances')).toEqual([]);
  });
});
