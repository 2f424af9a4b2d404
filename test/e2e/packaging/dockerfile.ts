import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';

interface Instruction {
  readonly keyword: string;
  readonly text: string;
}

/** A stage's file system, without what its base image brings. */
interface Stage {
  readonly base: string;
  readonly root: string;
  workdir: string;
}

/** What an image built from the last stage would run, and where its files are. */
export interface BuiltImage {
  readonly root: string;
  readonly bases: readonly string[];
  readonly user: string;
  readonly env: Readonly<Record<string, string>>;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** One instruction each, continued lines joined, arguments of the build put in. */
function parseDockerfile(text: string): Instruction[] {
  const args = new Map<string, string>();
  return text
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [keyword = '', rest = ''] = line.trim().split(/\s+(.*)/s);
      const filled = rest.replaceAll(/\$\{(\w+)\}/g, (_, name: string) => args.get(name) ?? '');
      const [, name, value] = /^(\w+)=(.*)$/.exec(filled) ?? [];
      if (keyword === 'ARG' && name !== undefined) args.set(name, value ?? '');
      return { keyword, text: filled };
    });
}

/** The files of a context that `.dockerignore` (a list of exceptions to `*`) lets in. */
export function copyContext(from: string, to: string): void {
  const lines = readFileSync(join(from, '.dockerignore'), 'utf8').split('\n');
  const rules = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (rules[0] !== '*' || !rules.slice(1).every((rule) => /^![\w.-]+$/.test(rule))) {
    throw new Error('.dockerignore: expected * and exceptions of one name each');
  }
  for (const rule of rules.slice(1)) {
    cpSync(join(from, rule.slice(1)), join(to, rule.slice(1)), { recursive: true });
  }
}

function copyInto(sources: readonly string[], target: string, isFolder: boolean): void {
  for (const source of sources) {
    const isFile = statSync(source).isFile();
    // As Docker: of a folder its content, not the folder.
    cpSync(source, isFile && isFolder ? join(target, basename(source)) : target, {
      recursive: true,
    });
  }
}

/** Does what the instructions of all stages say in folders instead of images. */
export function buildStages(dockerfile: string, context: string, dir: string): BuiltImage {
  const stages = new Map<string, Stage>();
  const image = {
    user: '',
    env: {} as Record<string, string>,
    entrypoint: [] as string[],
    command: [] as string[],
    healthcheck: [] as string[],
  };
  let stage: Stage | undefined;
  const place = (path: string, of: Stage): string =>
    path.startsWith('/') ? join(of.root, path) : join(of.root, of.workdir, path);
  const doInstruction = ({ keyword, text }: Instruction, current: Stage): void => {
    if (keyword === 'WORKDIR') {
      current.workdir = text;
      mkdirSync(place('.', current), { recursive: true });
    } else if (keyword === 'RUN') {
      execFileSync('sh', ['-c', text], { cwd: place('.', current), stdio: 'pipe' });
    } else if (keyword === 'COPY') {
      const [, name, words = text] = /^--from=(\w+) (.*)$/.exec(text) ?? [];
      const from = name === undefined ? undefined : stages.get(name);
      if (name !== undefined && from === undefined) throw new Error(`COPY: no stage ${name}`);
      const paths = words.split(' ');
      const target = paths.pop() ?? '';
      const sources = paths.map((path) => (from ? place(path, from) : join(context, path)));
      copyInto(sources, place(target, current), target.endsWith('/') || target === '.');
    } else if (keyword === 'USER') image.user = text;
    else if (keyword === 'ENV') {
      const [name = '', value = ''] = text.split('=');
      image.env[name] = value;
    } else if (keyword === 'ENTRYPOINT') image.entrypoint = JSON.parse(text) as string[];
    else if (keyword === 'CMD') image.command = JSON.parse(text) as string[];
    else if (keyword === 'HEALTHCHECK') {
      image.healthcheck = JSON.parse(text.replace(/^.*?CMD /, '')) as string[];
    } else if (!['ARG', 'LABEL', 'EXPOSE'].includes(keyword)) {
      throw new Error(`${keyword}: not known to this test`);
    }
  };
  for (const instruction of parseDockerfile(readFileSync(dockerfile, 'utf8'))) {
    if (instruction.keyword === 'FROM') {
      const [base = '', , name = 'last'] = instruction.text.split(' ');
      stage = { base, root: join(dir, name), workdir: '/' };
      if (existsSync(stage.root)) throw new Error(`two stages ${name}`);
      mkdirSync(stage.root);
      stages.set(name, stage);
    } else if (stage !== undefined) doInstruction(instruction, stage);
  }
  const bases = [...stages.values()].map(({ base }) => base);
  return { ...image, bases, root: stage?.root ?? dir };
}
