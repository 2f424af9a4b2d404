import { UsageError } from '../../base/errors.ts';
import { decodeDamoKdamonds, decodeDamoSchemes } from '../../config/damo/parseDamoKdamonds.ts';
import type { ConfigDocument } from '../../config/document.ts';
import { parseJsonDocument } from '../../config/jsonDocument.ts';
import { parseYamlDocument } from '../../config/yamlDocument.ts';
import type { ContextSpec, KdamondSpec, SchemeSpec } from '../../damon/spec.ts';
import { parseOption } from '../options.ts';
import { DAMOS_OPTIONS } from './damosOptions.ts';
import type { DamosArguments } from './damosOptions.ts';
import { distribute, parseNumbers } from './distribute.ts';
import { listDoubtfulWords } from './optionWords.ts';
import { parseContexts, parseRefreshMs } from './parseContexts.ts';
import type { MachineRam } from './parseContexts.ts';
import { countSchemes, createSchemeMaker } from './parseSchemeOptions.ts';

/** What the options refer to. */
export interface DamosSources extends MachineRam {
  /** @throws UsageError when there is nothing to read. */
  readonly readFile: (path: string, what: string) => string;
}

type OptionName = keyof DamosArguments;

const OPTION_NAMES = Object.keys(DAMOS_OPTIONS) as OptionName[];
const TARGET_OPTIONS = ['ops', 'target_pid', 'regions', 'numa_node', 'nr_targets'] as const;

function listOccurrences(args: DamosArguments, name: OptionName): readonly string[] {
  const given = args[name];
  return Array.isArray(given) ? (given as readonly string[]) : [given].filter(isText);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

/**
 * Where nothing else names a target, a number at the end of an option may be meant as one: paging
 * out all memory because a process was taken for a number would be the worst way to find out.
 */
function checkDoubtfulWords(args: DamosArguments): void {
  const isNamed =
    (args.target ?? []).length > 0 || TARGET_OPTIONS.some((name) => args[name] !== undefined);
  if (isNamed) return;
  for (const name of OPTION_NAMES) {
    for (const joined of listOccurrences(args, name)) {
      const words = listDoubtfulWords(name, joined);
      if (words === undefined) continue;
      throw new UsageError(
        `--${name} ${words.join(' ')}: does "${words.at(-1) ?? ''}" belong to it, or is it the target? Name the target before the options (paddr for all memory), or by --target_pid`,
      );
    }
  }
}

/** Whether the first line that says something is a scheme of damo's old form: seven words and more. */
function isOneLineForm(text: string): boolean {
  const lines = text.split('\n', 1000).map((line) => line.trim());
  const first = lines.find((line) => line !== '' && !line.startsWith('#')) ?? '';
  return /^(?:[^\s:]+\s+){6}[^\s:]/.test(first);
}

/** A text as it is, or what the file of that name holds: JSON, or YAML. */
function readDocument(given: string, what: string, { readFile }: DamosSources): ConfigDocument {
  const isJson = (text: string): boolean => /^\s*[[{]/.test(text);
  if (isJson(given)) return parseJsonDocument(given, what);
  const text = isOneLineForm(given) || given.includes('\n') ? given : readFile(given, what);
  const name = text === given ? what : given;
  if (isOneLineForm(text)) {
    throw new UsageError(
      `${what}: found schemes of one line each, expected JSON; translate_damos makes it of them`,
    );
  }
  return isJson(text) ? parseJsonDocument(text, name) : parseYamlDocument(text, name);
}

function parseKdamonds(args: DamosArguments, given: string, sources: DamosSources): KdamondSpec[] {
  const other = OPTION_NAMES.find((name) => name !== 'kdamonds' && args[name] !== undefined);
  if (other !== undefined || (args.target ?? []).length > 0) {
    throw new UsageError(
      `--kdamonds says everything: ${other === undefined ? 'a target' : `--${other}`} cannot be given beside it`,
    );
  }
  return decodeDamoKdamonds(readDocument(given, '--kdamonds', sources));
}

function shareSchemes(
  args: DamosArguments,
  nrSchemes: number,
  nrContexts: number,
): readonly (readonly number[])[] {
  return distribute(
    Array.from({ length: nrSchemes }).map((_, index) => index),
    {
      counts: parseNumbers(args.nr_schemes, '--nr_schemes'),
      nrGroups: nrContexts,
      items: 'schemes',
      option: '--nr_schemes',
      group: 'context',
    },
  );
}

/** The schemes of each context. */
function parseSchemes(
  args: DamosArguments,
  contexts: readonly ContextSpec[],
  sources: DamosSources,
): SchemeSpec[][] {
  if (args.schemes === undefined) {
    const makeSchemes = createSchemeMaker(args);
    const shares = shareSchemes(args, countSchemes(args), contexts.length);
    return contexts.map(({ intervals }, index) => {
      const share = shares[index] ?? [];
      return makeSchemes(share[0] ?? 0, share.length, intervals);
    });
  }
  const other = OPTION_NAMES.find((name) => name.startsWith('damos_') && args[name] !== undefined);
  if (other !== undefined) {
    throw new UsageError(`--schemes says all of the schemes: --${other} cannot be given beside it`);
  }
  const document = readDocument(args.schemes, '--schemes', sources);
  const all = contexts.map(({ intervals }) => decodeDamoSchemes(document, intervals));
  const shares = shareSchemes(args, all[0]?.length ?? 0, contexts.length);
  return all.map((schemes, index) => schemes.filter((_, at) => shares[index]?.includes(at)));
}

function parseNrContexts(args: DamosArguments, nrContexts: number): void {
  const given = parseNumbers(args.nr_ctxs, '--nr_ctxs') ?? [nrContexts];
  const total = given.reduce((sum, count) => sum + count, 0);
  if (total !== nrContexts) {
    throw new RangeError(`--nr_ctxs: found ${total} contexts, but there are ${nrContexts}`);
  }
  if (given.some((count) => count !== 1)) {
    throw new RangeError(
      `--nr_ctxs: found ${given.join(' ')}; every kernel has one context in a kdamond, so say ${Array.from({ length: nrContexts }, () => '1').join(' ')}`,
    );
  }
}

/**
 * The kdamonds that damo's options ask for.
 *
 * @param args As the parser gives them, whose input went through `joinOptionWords`.
 * @throws UsageError, ConfigError for what a file or a text of JSON says, and what the sources throw.
 */
export function parseDamosOptions(args: DamosArguments, sources: DamosSources): KdamondSpec[] {
  const { kdamonds } = args;
  if (kdamonds !== undefined) return parseKdamonds(args, kdamonds, sources);
  checkDoubtfulWords(args);
  return parseOption(() => {
    const contexts = parseContexts(args, sources);
    parseNrContexts(args, contexts.length);
    const schemes = parseSchemes(args, contexts, sources);
    const refreshMs = parseRefreshMs(args);
    return contexts.map((context, index) => ({
      ...(refreshMs !== 0 && { refreshMs }),
      contexts: [{ ...context, schemes: schemes[index] ?? [] }],
    }));
  });
}
