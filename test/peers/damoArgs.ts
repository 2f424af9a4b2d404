import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DamoPeer, DamoSuite } from './damo.ts';

/** What damo read, with every number as its text. */
export type DamoValue = string | boolean | null | readonly DamoValue[] | DamoValues;
export interface DamoValues {
  readonly [key: string]: DamoValue;
}

export interface DamoArgsOutcome {
  /** 0, or damo's exit status, or the exception it ended with. */
  readonly status: number | string;
  readonly text: string;
  /** The kdamonds. */
  readonly values: readonly DamoValues[] | null;
}

/** `damo args damon` for each list of words, in one process. */
export function askDamoArgs(
  peer: DamoPeer,
  suite: DamoSuite,
  cases: readonly (readonly string[])[],
): DamoArgsOutcome[] {
  const lines = cases.map((words) => `${JSON.stringify(words)}\n`);
  writeFileSync(join(peer.dir, 'cases'), lines.join(''), { mode: 0o644 });
  const { status, stdout, stderr } = peer.runScript(suite, 'damoArgs.py', 'cases');
  if (status !== 0) throw new Error(`damoArgs.py: ${stderr}`);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as DamoArgsOutcome);
}
