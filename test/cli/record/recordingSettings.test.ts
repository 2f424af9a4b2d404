import { describe, expect, test } from 'vitest';
import type { RecordingArguments } from '../../../src/cli/record/recordingArguments.ts';
import { parseRecordingSettings } from '../../../src/cli/record/recordingSettings.ts';
import { RECORDING_ARGUMENTS } from '../../support/recordingArguments.ts';

test('the defaults come out in the units of their names', () => {
  expect(parseRecordingSettings(RECORDING_ARGUMENTS)).toEqual({
    path: './damon.data',
    mode: 0o600,
    format: 'damon-exporter',
    timeoutNs: undefined,
    sysfsIntervalMs: 1000,
    traceBufferKb: 512,
  });
});

describe('taken', () => {
  test.each<[Partial<RecordingArguments>, object]>([
    [{ output_permission: '644' }, { mode: 0o644 }],
    [{ output_permission: '0400' }, { mode: 0o400 }],
    [{ timeout: '5' }, { timeoutNs: 5_000_000_000n }],
    [{ timeout: '0.5' }, { timeoutNs: 500_000_000n }],
    [{ timeout: '1m 30s' }, { timeoutNs: 90_000_000_000n }],
    [{ timeout: 'max' }, { timeoutNs: undefined }],
  ])('%j', (change, expected) => {
    expect(parseRecordingSettings({ ...RECORDING_ARGUMENTS, ...change })).toMatchObject(expected);
  });
});

describe('refused with a sentence about the option', () => {
  test.each<[Partial<RecordingArguments>, RegExp]>([
    [{ output_permission: '888' }, /--output_permission: found "888", expected octal digits/],
    [{ output_permission: '1000' }, /--output_permission: found "1000"/],
    [{ output_permission: '' }, /--output_permission: found ""/],
    [{ output_permission: 'rw' }, /--output_permission: found "rw"/],
    [{ timeout: '0' }, /--timeout: found "0", expected more than 0/],
    [{ timeout: '-1' }, /--timeout: found "-1" \(negative\)/],
    [{ timeout: 'soon' }, /--timeout: found "soon"/],
    [{ out: '' }, /--out: found ""/],
    [{ 'trace.buffer-size': '1K' }, /--trace\.buffer-size: found "1K"/],
    [{ 'collect.sysfs-interval': '1ms' }, /--collect\.sysfs-interval: found "1ms"/],
  ])('%j', (change, message) => {
    const parse = () => parseRecordingSettings({ ...RECORDING_ARGUMENTS, ...change });
    expect(parse).toThrow(message);
    expect(parse).toThrow(expect.objectContaining({ code: 'usage' }));
  });
});
