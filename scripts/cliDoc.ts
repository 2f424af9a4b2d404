import { writeFileSync } from 'node:fs';
import { readPackageInfo } from '../src/cli/packageInfo.ts';
import { formatCliDoc } from './cliReference/formatCliDoc.ts';
import { formatManPage } from './cliReference/formatManPage.ts';
import { readAllHelp } from './cliReference/readHelp.ts';

/** Writes the reference of the command line: as a page and as a man page. */
const info = readPackageInfo();
const commands = await readAllHelp([info.name]);
const pages = {
  'docs/cli.md': formatCliDoc(commands),
  'man/damon-exporter.1': formatManPage(commands, info),
};
for (const [path, text] of Object.entries(pages)) {
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}
