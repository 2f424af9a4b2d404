import { describe, expect, test } from 'vitest';
import { createReloadReader, mergeFileSettings } from '../../../src/cli/serve/fileSettings.ts';
import type { ServeArguments } from '../../../src/cli/serve/serveArguments.ts';
import { parseDamonConfig } from '../../../src/config/parseDamonConfig.ts';
import { createMemoryLogger } from '../../support/memoryLogger.ts';
import { SERVE_ARGUMENTS } from '../../support/serveArguments.ts';

function giveArguments(...given: readonly string[]): ServeArguments {
  return { ...SERVE_ARGUMENTS, 'config.file': 'f.yaml', given: new Set(given) };
}

const OTLP = parseDamonConfig(
  `
serve:
  otlp: { endpoint: "http://localhost:4318", interval: 10s, headers: { tenant: a=b } }
  web.max-requests: 7
`,
  'f.yaml',
);

describe('options of serve in a file', () => {
  test('hold where the command line has none', () => {
    const { settings } = mergeFileSettings(giveArguments(), OTLP, {});
    expect(settings).toMatchObject({
      maxRequests: 7,
      otlp: {
        url: 'http://localhost:4318/v1/metrics',
        intervalMs: 10_000,
        headers: { tenant: 'a=b' },
      },
    });
  });

  test('give way to the command line, and go before the environment', () => {
    const args = { ...giveArguments('web.max-requests'), 'web.max-requests': 3 };
    const env = {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://other:1',
      OTEL_METRIC_EXPORT_INTERVAL: '5000',
    };
    const { settings } = mergeFileSettings(args, OTLP, env);
    expect(settings.maxRequests).toBe(3);
    expect(settings.otlp).toMatchObject({
      url: 'http://localhost:4318/v1/metrics',
      intervalMs: 10_000,
    });
  });

  test.each([
    [
      'otlp: { endpoint: "ftp://x" }',
      'f.yaml:1:28: serve.otlp.endpoint: found "ftp://x", expected',
    ],
    ['collect.interval: 1 parsec', 'f.yaml:1:28: serve.collect.interval: '],
    ['web: { listen-address: nowhere }', 'f.yaml:1:33: serve.web.listen-address: found "nowhere"'],
    ['web: { max-requests: -4 }', 'f.yaml:1:31: serve.web.max-requests: expected a whole number'],
  ])('%s is refused at its place in the file', (text, message) => {
    const config = parseDamonConfig(`serve: { ${text} }`, 'f.yaml');
    expect(() => mergeFileSettings(giveArguments(), config, {})).toThrow(message);
  });

  test('what the command line has wrong is about the command line', () => {
    const args = { ...giveArguments('collect.interval'), 'collect.interval': '1 parsec' };
    const config = parseDamonConfig('serve: { collect.interval: 1s }', 'f.yaml');
    expect(() => mergeFileSettings(args, config, {})).toThrow(/^--collect\.interval: /);
  });

  test('a reload names those that have changed and hold from the next start on', async () => {
    const logger = createMemoryLogger();
    const next = parseDamonConfig(
      'serve: { otlp.endpoint: "http://localhost:4318", web.max-requests: 9, record.path: /r }',
      'f.yaml',
    );
    const context = { args: giveArguments('web.max-requests'), config: OTLP, logger };
    await createReloadReader(() => Promise.resolve(next), context)();
    expect(logger.fields).toEqual([{ settings: 'otlp.interval otlp.header record.path' }]);
  });

  test('a reload refuses what a start would refuse', async () => {
    const bad = parseDamonConfig('serve: { record.max-size: 1 }', 'f.yaml');
    const context = { args: giveArguments(), config: OTLP, logger: createMemoryLogger() };
    await expect(createReloadReader(() => Promise.resolve(bad), context)()).rejects.toThrow(
      'f.yaml:1:27: serve.record.max-size: found "1", expected',
    );
  });
});
