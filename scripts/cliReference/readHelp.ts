import { createParser } from '../../src/cli/program.ts';

/** A line of a section: an option with its spellings, an argument, or a command. */
export interface HelpRow {
  readonly name: string;
  readonly text: string;
  /** What yargs says of it: type, choices, default; as it prints them. */
  readonly notes: readonly string[];
}

export interface HelpSection {
  readonly title: string;
  readonly rows: readonly HelpRow[];
}

/** What `--help` says of a command, in parts. */
export interface CommandHelp {
  /** The words that call it; the first names the program. */
  readonly path: readonly string[];
  readonly usage: string;
  readonly description: string;
  readonly sections: readonly HelpSection[];
  /** What stands below the last section. */
  readonly epilogue: string;
  /** The whole as a terminal of 100 columns shows it. */
  readonly text: string;
}

const COMMANDS = 'Commands';
/** Answers `--help` with the script; what it does is told with the program. */
const NO_HELP = 'completion';
/** Told once, with the program. */
const COMMON_OPTIONS = /^(-h, --help|--version)$/;

function printHelp(path: readonly string[], columns: number | null): Promise<string> {
  const args = [...path.slice(1), '--help'];
  return new Promise((resolve, reject) => {
    void createParser(args)
      .wrap(columns)
      .parse(args, {}, (error, _parsed, output) => {
        if (error instanceof Error) reject(error);
        else resolve(output);
      });
  });
}

function parseRow(line: string): HelpRow {
  const [name = '', rest = ''] = line.trim().split(/ {2,}(.*)/s);
  const [text = '', ...notes] = rest.split(/ {2,}(?=\[)|(?<=\]) (?=\[)/);
  return { name, text: text.trim(), notes: notes.map((note) => note.trim()) };
}

/** @throws Error for a layout it does not know. */
function parseHelp(text: string): Pick<CommandHelp, 'usage' | 'description' | 'sections'> {
  const [usage = '', description = '', ...parts] = text.trimEnd().split('\n\n');
  const sections = parts
    .filter((part) => /^\S[^\n]*:\n {2}/.test(part))
    .map((part) => {
      const [title = '', ...lines] = part.split('\n');
      const rows = lines.map(parseRow).filter(({ name }) => !COMMON_OPTIONS.test(name));
      return { title: title.slice(0, -1), rows };
    });
  if (description === '') throw new Error(`no description in\n${text}`);
  return { usage, description, sections: sections.filter(({ rows }) => rows.length > 0) };
}

/** What stands after the sections, as paragraphs. */
function findEpilogue(text: string): string {
  const parts = text.trimEnd().split('\n\n').slice(2);
  return parts.filter((part) => !/^\S[^\n]*:\n {2}/.test(part)).join('\n\n');
}

/** The words of `damon-exporter report raw` as far as they are no placeholders. */
function parsePath(name: string): string[] {
  return name.split(' ').filter((word) => /^[a-z]/.test(word));
}

/**
 * The help of the program and of all its commands, depth first, from the program itself.
 *
 * @throws Error when a help text has an unknown layout.
 */
export async function readAllHelp(path: readonly string[]): Promise<CommandHelp[]> {
  const wide = await printHelp(path, null);
  const parsed = parseHelp(wide);
  const own = { path, ...parsed, epilogue: findEpilogue(wide), text: await printHelp(path, 100) };
  const commands = parsed.sections.find(({ title }) => title === COMMANDS)?.rows ?? [];
  const all = [own];
  for (const { name } of commands) {
    const words = parsePath(name);
    if (words.at(-1) !== NO_HELP) all.push(...(await readAllHelp(words)));
  }
  return all;
}
