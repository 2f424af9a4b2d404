import { readFileSync } from 'node:fs';
import { describeError } from '../../base/errors.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A setting and who gave it: an option or a variable. */
export interface Given {
  readonly name: string;
  readonly text: string;
}

/** The first of the variables that is set; an empty one is not. */
export function findVariable(env: Environment, ...names: readonly string[]): Given | undefined {
  for (const name of names) {
    const text = env[name]?.trim() ?? '';
    if (text !== '') return { name, text };
  }
  return undefined;
}

/** @throws RangeError when it cannot be read. */
export function readGivenFile(path: string, name: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new RangeError(`${name}: ${describeError(error)}`, { cause: error });
  }
}
