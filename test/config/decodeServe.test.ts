import { describe, expect, test } from 'vitest';
import yargs from 'yargs';
import type { Argv } from 'yargs';
import { OWN_KDAMOND_OPTIONS } from '../../src/cli/collecting/collectingOptions.ts';
import { serveCommand } from '../../src/cli/commands/serve.ts';
import { MONITORING_OPTIONS } from '../../src/cli/monitoringOptions.ts';
import { PATH_OPTIONS, SIMULATOR_OPTIONS } from '../../src/cli/options.ts';
import { parseDamonConfig } from '../../src/config/parseDamonConfig.ts';
import { SERVE_KEYS } from '../../src/config/serveKeys.ts';
import type { ServeKey } from '../../src/config/serveKeys.ts';

/** What yargs knows of the options it was told of. */
interface YargsOptions {
  readonly key: Readonly<Record<string, boolean>>;
  readonly array: readonly string[];
  readonly boolean: readonly string[];
  readonly number: readonly string[];
  readonly choices: Readonly<Record<string, readonly string[]>>;
}

function parse(text: string): Record<string, unknown> {
  const { serve = [] } = parseDamonConfig(text, 'f.yaml');
  return Object.fromEntries(serve.map(({ name, value }) => [name, value]));
}

describe('what a file says about serve', () => {
  test('is written with points, as maps, or mixed', () => {
    expect(
      parse(`
serve:
  log.level: debug
  web: { listen-address: ["127.0.0.1:1", "[::1]:2"], max-requests: 5, enable-lifecycle: yes }
  otlp:
    endpoint: http://localhost:4318
    interval: 10s
    headers: { authorization: Bearer abc }
  record.path: /var/lib/damon
`),
    ).toEqual({
      'log.level': 'debug',
      'web.listen-address': ['127.0.0.1:1', '[::1]:2'],
      'web.max-requests': 5,
      'web.enable-lifecycle': true,
      'otlp.endpoint': 'http://localhost:4318',
      'otlp.interval': '10s',
      'otlp.header': ['authorization=Bearer abc'],
      'record.path': '/var/lib/damon',
    });
  });

  test('knows where each value is', () => {
    const { serve } = parseDamonConfig('serve:\n  web:\n    max-requests: 5\n', 'f.yaml');
    expect(serve).toEqual([
      { name: 'web.max-requests', value: 5, position: { line: 3, column: 19 } },
    ]);
  });

  test.each([
    [
      'serve: { otlp: { endpiont: x } }',
      'f.yaml:1:18: serve.otlp: unknown key "endpiont"',
      'endpoint',
    ],
    ['serve: { wbe: { max-requests: 1 } }', 'f.yaml:1:10: serve: unknown key "wbe"', 'web'],
    [
      'serve: { web.max-requests: many }',
      'serve.web.max-requests: found "many", expected a number',
      '',
    ],
    [
      'serve: { web: { max-requests: 1 }, web.max-requests: 2 }',
      '"web.max-requests" is there twice',
      '',
    ],
    ['serve: { log.level: loud }', 'serve.log.level: found "loud", expected', 'warn'],
    ['serve: { web: 7 }', 'serve.web: found 7, expected a map of options of serve', ''],
    ['serve: []', 'serve: found a list, expected a map', ''],
    ['serve: { config.file: x }', 'unknown key "config.file"', ''],
    ['serve: {}\nkdamonds: []', 'found no kdamond, expected at least one', ''],
    ['{}', '"kdamonds" is missing', ''],
  ])('%s is refused', (text, message, hint) => {
    const refused = (): unknown => parseDamonConfig(text, 'f.yaml');
    expect(refused).toThrow(message);
    expect(refused).toThrow(new RegExp(hint));
  });

  test('no message shows the value of a header', () => {
    expect(() => parse('serve: { otlp.headers: { a: "secret\\n" } }')).toThrow(
      /^(?!.*secret).*otlp\.headers\.a: expected a text of one line/s,
    );
  });

  test('has all options of the command line but those of the kernel, of monitoring and of the file', () => {
    const parser = yargs([]);
    (serveCommand.builder as (parser: Argv) => Argv)(parser);
    const { key, array, boolean, number, choices } = (
      parser as unknown as { getOptions(): YargsOptions }
    ).getOptions();
    const elsewhere = [
      ...[OWN_KDAMOND_OPTIONS, MONITORING_OPTIONS, PATH_OPTIONS, SIMULATOR_OPTIONS].flatMap(
        (options) => Object.entries(options).flatMap(([name, { alias = [] }]) => [name, alias]),
      ),
      ...['help', 'version', 'target', 'config.file', 'config.trusted', 'dry-run'],
    ].flat();
    const describeOption = (name: string): ServeKey => {
      const words = choices[name];
      if (words !== undefined) return { kind: 'word', words };
      if (array.includes(name)) return { kind: 'list' };
      if (boolean.includes(name)) return { kind: 'boolean' };
      return { kind: number.includes(name) ? 'number' : 'text' };
    };
    const names = Object.keys(key).filter((name) => !elsewhere.includes(name));
    expect(Object.fromEntries(names.map((name) => [name, describeOption(name)]))).toEqual(
      SERVE_KEYS,
    );
  });
});
