import { translateOneLineSchemes } from '../config/damo/oneLineSchemes.ts';
import { readTextFile } from './readTextFile.ts';

export interface TranslateDamosArguments {
  readonly schemes: readonly string[];
}

const WHAT = 'schemes';

/** The fields of a line may come as one argument or as many; a file is one without blanks. */
function readLines(words: readonly string[]): [text: string, name: string] {
  const text = words.join(' ');
  return words.length > 1 || /\s\S/.test(text) ? [text, WHAT] : [readTextFile(text, WHAT), text];
}

/**
 * Prints schemes of one line each as a list in JSON.
 *
 * @throws UsageError, ConfigError.
 */
export function runTranslateDamos({ schemes }: TranslateDamosArguments): void {
  process.stdout.write(translateOneLineSchemes(...readLines(schemes)));
}
