import { expect } from 'vitest';
import type { DamoPeer, DamoSuite } from './damo.ts';

/** What a report of damo prints, without a word on standard error. */
export function runDamoReport(
  damo: DamoPeer,
  suite: DamoSuite,
  ...args: readonly string[]
): string {
  const { status, stdout, stderr } = damo.run(suite, 'report', ...args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

/** As our `report raw --layout table` prints it. `name`: in damo's directory. */
export function printDamoRaw(
  damo: DamoPeer,
  suite: DamoSuite,
  [name, ...options]: readonly [string, ...string[]],
): string {
  const text = runDamoReport(damo, suite, 'access', '--raw_form', '--input', name, ...options);
  // From 2.9.9 on; and an empty line at the very end.
  return text.replaceAll('data source: unknown\n', '').trimEnd();
}

/** As our `report wss --per_target` prints it. `name`: in damo's directory. */
export function printDamoWss(
  damo: DamoPeer,
  suite: DamoSuite,
  [name, ...options]: readonly [string, ...string[]],
): string {
  const text = runDamoReport(damo, suite, 'wss', '-i', name, '--per_target', ...options);
  // Ours has the heading once, before all targets, as damo had it up to 2.x.
  const heading = '# <percentile> <wss>\n';
  return heading + text.replaceAll(heading, '');
}
