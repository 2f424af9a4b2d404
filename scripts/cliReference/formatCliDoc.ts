import type { CommandHelp } from './readHelp.ts';

const HEAD = `# Command line

What \`--help\` says of the program and of each command; made from the program by \`npm run docs:cli\`.
The same as a man page: [man/damon-exporter.1](../man/damon-exporter.1).

`;

function formatAnchor(path: readonly string[]): string {
  return path.join('-').replaceAll(/[^\w-]/g, '');
}

/** The whole page, as Markdown. */
export function formatCliDoc(commands: readonly CommandHelp[]): string {
  const links = commands
    .slice(1)
    .map(({ path, description }) => {
      const name = path.slice(1).join(' ');
      return `- [${name}](#${formatAnchor(path)}): ${description}`;
    })
    .join('\n');
  const chapters = commands.map(
    ({ path, text }) => `## ${path.join(' ')}\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\`\n`,
  );
  return `${HEAD}${links}\n\n${chapters.join('\n')}`;
}
