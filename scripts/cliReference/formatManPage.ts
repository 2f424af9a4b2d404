import type { CommandHelp, HelpRow, HelpSection } from './readHelp.ts';

/** What the help does not tell. */
export interface ManPageFacts {
  readonly name: string;
  readonly version: string;
}

/** Sections of this many lines and more that several commands have are told once. */
const MIN_SHARED_ROWS = 2;
/** What goes without saying. */
const PLAIN_NOTE = /^\[(string|number|boolean|array|default: (false|\[\]))\]$/;

/** Backslashes, hyphens that people copy, what is not ASCII, and what would begin a request. */
function escape(text: string): string {
  return (
    text
      .replaceAll('\\', '\\e')
      .replaceAll('-', '\\-')
      .replaceAll('^', '\\(ha')
      .replaceAll('~', '\\(ti')
      .replaceAll(/[^\p{ASCII}]/gu, (character) => {
        const hex = (character.codePointAt(0) ?? 0).toString(16).toUpperCase();
        return `\\[u${hex.padStart(4, '0')}]`;
      })
      // A long list may be broken after any comma.
      .replaceAll(/,(?=\S)/g, ',\\:')
      .replaceAll(/^([.'])/gm, '\\&$1')
  );
}

function bold(text: string): string {
  return `\\fB${escape(text)}\\fR`;
}

function formatRow({ name, text, notes }: HelpRow): string {
  const tail = notes
    .filter((note) => !PLAIN_NOTE.test(note))
    .map(escape)
    .join(' ');
  return ['.TP', bold(name), `${escape(text)}${tail === '' ? '' : ` ${tail}`}`].join('\n');
}

function formatRows(rows: readonly HelpRow[]): string {
  return rows.map(formatRow).join('\n');
}

function keyOf(section: HelpSection): string {
  return JSON.stringify(section);
}

/** Sections that stand alike in several commands. */
function findShared(commands: readonly CommandHelp[]): HelpSection[] {
  const counts = new Map<string, { section: HelpSection; count: number }>();
  for (const section of commands.flatMap(({ sections }) => sections)) {
    const entry = counts.get(keyOf(section)) ?? { section, count: 0 };
    entry.count += 1;
    counts.set(keyOf(section), entry);
  }
  return [...counts.values()]
    .filter(({ section, count }) => count > 1 && section.rows.length >= MIN_SHARED_ROWS)
    .map(({ section }) => section);
}

/** Titles must tell shared sections apart that have one name and other lines. */
function titleShared(shared: readonly HelpSection[], section: HelpSection): string {
  const same = shared.filter(({ title }) => title === section.title);
  const nth = same.findIndex((other) => keyOf(other) === keyOf(section)) + 1;
  return same.length === 1 ? section.title : `${section.title} (${nth})`;
}

function formatCommand(help: CommandHelp, shared: readonly HelpSection[]): string {
  const isShared = (section: HelpSection): boolean =>
    shared.some((other) => keyOf(other) === keyOf(section));
  const own = help.sections.filter((section) => !isShared(section));
  const also = help.sections.filter(isShared).map((section) => titleShared(shared, section));
  return [
    `.SS ${bold(help.usage.replace(/^\S+ /, ''))}`,
    escape(`${help.description.charAt(0).toUpperCase()}${help.description.slice(1)}.`),
    ...own.flatMap(({ title, rows }) => ['.PP', `${escape(title)}:`, formatRows(rows)]),
    ...(also.length === 0 ? [] : ['.PP', `Shared options: ${escape(also.join(', '))}.`]),
    ...(help.epilogue === '' ? [] : ['.PP', escape(help.epilogue)]),
  ].join('\n');
}

/** The whole page in the man macros, of the program (first) and its commands. */
export function formatManPage(
  [program, ...commands]: readonly CommandHelp[],
  { name, version }: ManPageFacts,
): string {
  if (program === undefined) throw new RangeError('no program');
  const shared = findShared(commands);
  const groups = program.sections.filter(({ title }) => title !== 'Commands');
  return [
    '.\\" Made from the program by "npm run docs:cli".',
    `.TH ${name.toUpperCase()} 1 "" "${name} ${version}" "User Commands"`,
    '.SH NAME',
    `${escape(name)} \\- export, record and steer Linux DAMON, the kernel's data access monitor`,
    '.SH SYNOPSIS',
    bold(program.usage),
    '.SH DESCRIPTION',
    escape(program.description),
    'Each option is also told by',
    `${bold(`${name} COMMAND --help`)}.`,
    ...groups.flatMap(({ title, rows }) => ['.PP', `${escape(title)}:`, formatRows(rows)]),
    '.SH COMMANDS',
    ...commands.map((command) => formatCommand(command, shared)),
    '.SH SHARED OPTIONS',
    ...shared.flatMap((section) => [
      `.SS ${escape(titleShared(shared, section))}`,
      formatRows(section.rows),
    ]),
    '.SH EXIT STATUS',
    escape(program.epilogue.replace(/^Exit status: /, '')),
    '.SH SEE ALSO',
    'The documentation beside the package, in',
    `.IR docs ;`,
    'https://docs.kernel.org/mm/damon/index.html',
    '',
  ].join('\n');
}
