import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const readme = readFileSync('README.md', 'utf8');
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: Record<string, string>;
};

test('CI starts with the test command of the README', () => {
  const command = /## Test it\n+```sh\n(.+)\n```/.exec(readme)?.[1];
  expect(command).toBeDefined();
  expect(readFileSync('.ci/run', 'utf8')).toContain(`suite check bash -c '${command!}'`);
});

test('every npm script the README and ARCHITECTURE name exists', () => {
  const pages = readme + readFileSync('ARCHITECTURE.md', 'utf8');
  const named = [...pages.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name ?? '');
  expect(named).toContain('demo');
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

test('every option the README names is an option of a command', () => {
  const sources = [
    'src/cli/commands/serve.ts',
    'src/cli/serve/metricsOptions.ts',
    'src/cli/commands/record.ts',
    'src/cli/collecting/collectingOptions.ts',
    'src/cli/serve/otlpOptions.ts',
    'src/cli/monitoringOptions.ts',
    'src/cli/options.ts',
    'src/cli/report/heatsCommand.ts',
    'src/cli/damos/damosOptions.ts',
    'src/cli/schemes/changingOptions.ts',
  ];
  const known = sources.map((path) => readFileSync(path, 'utf8')).join('\n');
  const named = [...readme.matchAll(/--([a-z][\w.-]+)/g)].map(([, name]) => name ?? '');
  const isKnown = (name: string): boolean =>
    known.includes(`${name}:`) || known.includes(`'${name}':`);
  expect(named.filter((name) => !isKnown(name) && name !== 'help')).toEqual([]);
});
