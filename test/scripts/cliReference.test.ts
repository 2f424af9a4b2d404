import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatCliDoc } from '../../scripts/cliReference/formatCliDoc.ts';
import { formatManPage } from '../../scripts/cliReference/formatManPage.ts';
import { readAllHelp } from '../../scripts/cliReference/readHelp.ts';
import { readPackageInfo } from '../../src/cli/packageInfo.ts';

const info = readPackageInfo();
const commands = await readAllHelp([info.name]);

describe('the reference of the command line', () => {
  test('is as `npm run docs:cli` writes it', () => {
    expect(readFileSync('docs/cli.md', 'utf8')).toBe(formatCliDoc(commands));
    expect(readFileSync('man/damon-exporter.1', 'utf8')).toBe(formatManPage(commands, info));
  });

  test('tells every command, and every option of it once in the man page', () => {
    const page = formatManPage(commands, info);
    const names = commands.flatMap(({ sections }) =>
      sections.flatMap(({ rows }) => rows.map(({ name }) => name)),
    );
    expect(names.length).toBeGreaterThan(200);
    const heads = page.split('\n').flatMap((line) => /^\\fB(.*)\\fR$/.exec(line)?.[1] ?? []);
    const shown = new Set(heads.map((head) => head.replaceAll('\\-', '-').replaceAll('\\:', '')));
    const options = names.filter((name) => name.startsWith('-'));
    expect(options.filter((name) => !shown.has(name))).toEqual([]);
    expect(page.match(/\\fB\\-\\-path\.sysfs\\fR/g)).toHaveLength(1);
  });

  test('holds only ASCII, and no line that roff would take for a request of its own', () => {
    const page = formatManPage(commands, info);
    expect(page).toMatch(/^\p{ASCII}*$/u);
    const requests = page.split('\n').filter((line) => /^[.']/.test(line));
    expect(requests.filter((line) => !/^\.(\\"|TH|SH|SS|PP|TP|IR)/.test(line))).toEqual([]);
  });
});
