import { readFileSync, readdirSync } from 'node:fs';

/** A command as the documentation tells readers to type it. */
export interface DocCommand {
  /** File and line of the block it stands in. */
  readonly place: string;
  readonly words: readonly string[];
  /** Environment set for it alone, `NAME=value` before the program. */
  readonly text: string;
}

const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((path) =>
  path.endsWith('.md'),
);
/** The program as pages call it: installed, or from a checkout. */
const PROGRAM =
  /^(?:sudo (?:setpriv .*? )?)?(?:damon-exporter|exporter|node dist\/cli\/main\.js)(?= |$)/;

/** Words as a shell splits them: quotes, and no expansion but of `$(pidof …)`. */
function splitWords(text: string): string[] {
  const plain = text.replaceAll(/\$\(pidof \S+\)/g, '4242');
  const words = plain.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, '$1$2'));
}

/** Without a comment, what it is piped to, and where it is redirected. */
function cutTail(line: string): string {
  const [, command = ''] = /^((?:[^"'#|>]|"[^"]*"|'[^']*')*)/.exec(line) ?? [];
  return command.trim();
}

/** All lines of blocks marked `sh`, continued ones joined. */
function listShellLines(path: string): { readonly place: string; readonly line: string }[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```$/gms)].flatMap(({ 1: block = '', index }) => {
    const place = `${path}:${text.slice(0, index).split('\n').length}`;
    return block
      .replaceAll(/\\\n\s*/g, '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.startsWith('#'))
      .map((line) => ({ place, line }));
  });
}

/** Every command of this program in the README and in docs/, and every other line of a shell there. */
export function listDocCommands(): {
  readonly own: readonly DocCommand[];
  readonly other: readonly { readonly place: string; readonly line: string }[];
} {
  const lines = PAGES.filter((path) => path !== 'docs/cli.md').flatMap(listShellLines);
  const own = lines.filter(({ line }) => PROGRAM.test(line));
  return {
    own: own.map(({ place, line }) => {
      const text = cutTail(line);
      return { place, text, words: splitWords(text.replace(PROGRAM, '')) };
    }),
    other: lines.filter(({ line }) => !PROGRAM.test(line)),
  };
}
