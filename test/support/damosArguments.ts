import yargs from 'yargs';
import { DAMOS_OPTIONS } from '../../src/cli/damos/damosOptions.ts';
import type { DamosArguments } from '../../src/cli/damos/damosOptions.ts';
import { joinOptionWords } from '../../src/cli/damos/optionWords.ts';
import { parseDamosOptions } from '../../src/cli/damos/parseDamosOptions.ts';
import { PARSER_CONFIGURATION } from '../../src/cli/program.ts';
import type { AddrRange, ContextSpec, KdamondSpec } from '../../src/damon/spec.ts';

export const SYSTEM_RAM: readonly AddrRange[] = [{ startAddr: 4096n, endAddr: 1n << 34n }];

/** What a command with damo's options gets. */
export function parseDamosWords(words: readonly string[]): DamosArguments {
  const parsed = yargs(joinOptionWords(words))
    .parserConfiguration(PARSER_CONFIGURATION)
    .command('$0 [target..]', '', (parser) =>
      parser.positional('target', { type: 'string', array: true }),
    )
    .options(DAMOS_OPTIONS)
    .strict()
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      throw error ?? new Error(message ?? '');
    })
    .parseSync();
  return parsed as unknown as DamosArguments;
}

/** Files are named by what they hold: `file:[…]`, with `\\n` for a new line. */
export function parseKdamonds(words: readonly string[]): KdamondSpec[] {
  return parseDamosOptions(parseDamosWords(words), {
    readSystemRam: () => SYSTEM_RAM,
    readNodeRam: (nids) =>
      nids.map((nid) => ({ startAddr: BigInt(nid), endAddr: BigInt(nid) + 1n })),
    readFile: (path) => path.replace(/^file:/, '').replaceAll(String.raw`\n`, '\n'),
  });
}

/** Blanks separate words, but within '…'. */
export function splitLine(line: string): string[] {
  return Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, word]) => quoted ?? word ?? '');
}

/** The only context there is. */
export function parseContext(line: string): ContextSpec {
  const kdamonds = parseKdamonds(splitLine(line));
  if (kdamonds.length !== 1) throw new Error(`${kdamonds.length} kdamonds`);
  return kdamonds[0]!.contexts[0]!;
}
