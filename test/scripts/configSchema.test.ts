import { readFileSync, readdirSync } from 'node:fs';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createConfigSchema } from '../../scripts/configSchema/configSchema.ts';
import type { JsonSchema } from '../../scripts/configSchema/configSchema.ts';
import { parseDamonConfig } from '../../src/config/parseDamonConfig.ts';

const SCHEMA = createConfigSchema();
const isValid = new Ajv({ allErrors: true }).compile(SCHEMA);

function findProblems(document: unknown): string[] {
  isValid(document);
  return (isValid.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message ?? ''}`);
}

test('the file is what the generator makes', () => {
  const shipped: unknown = JSON.parse(readFileSync('config/damon-exporter.schema.json', 'utf8'));
  expect(shipped).toEqual(JSON.parse(JSON.stringify(SCHEMA)));
});

test.each(readdirSync('config').filter((name) => name.endsWith('.yaml')))(
  'config/%s is good, and tells an editor where the schema is',
  (name) => {
    const text = readFileSync(`config/${name}`, 'utf8');
    expect(findProblems(parse(text))).toEqual([]);
    expect(text).toMatch(/^# yaml-language-server: \$schema=damon-exporter\.schema\.json$/m);
  },
);

type Path = readonly (string | number)[];

/** Every map of the schema, with where it stands in a document. */
function listMaps(schema: JsonSchema, path: Path = []): [Path, JsonSchema][] {
  if (schema.items !== undefined) return listMaps(schema.items, [...path, 0]);
  if (schema.properties === undefined) return [];
  const inner = Object.entries(schema.properties).flatMap(([key, value]) =>
    listMaps(value, [...path, key]),
  );
  return [[path, schema], ...inner];
}

/** A document that has just the map at this place. */
function wrap(path: Path, value: unknown): unknown {
  return path.reduceRight(
    (inner: unknown, part) => (typeof part === 'number' ? [inner] : { [part]: inner }),
    value,
  );
}

/** The keys the program says it does not know. */
function listUnknownKeys(path: Path, keys: readonly string[]): string[] {
  const document = wrap(path, Object.fromEntries(keys.map((key) => [key, null])));
  const text = JSON.stringify(document)
    .replaceAll('"targets"', '"ops":"vaddr","targets"')
    .replaceAll('"address_range"', '"filter_type":"addr","address_range"');
  // Whose memory it is decides what a target may say.
  const unknown = [text, text.replaceAll('vaddr', 'paddr')].map((one) => {
    try {
      parseDamonConfig(one, 'test');
      return [];
    } catch (error) {
      return Array.from(String(error).matchAll(/unknown key "(\w+)"/g), ([, key = '']) => key);
    }
  });
  const reached = unknown.filter((found) => found.includes('nonsense'));
  return (reached[0] ?? []).filter((key) => reached.every((found) => found.includes(key)));
}

describe.each(
  listMaps(SCHEMA).map(([path, schema]) => [path.join('.') || 'the whole', path, schema] as const),
)('%s', (_place, path, { properties = {} }) => {
  test('has the keys the program knows, and no others', () => {
    const keys = Object.keys(properties);
    expect(keys.length).toBeGreaterThan(0);
    expect(listUnknownKeys(path, [...keys, 'nonsense'])).toEqual(['nonsense']);
  });
});
