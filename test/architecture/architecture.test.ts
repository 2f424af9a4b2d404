import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

const importTable = createRequire(import.meta.url)('../../scripts/importTable.cjs') as Record<
  string,
  string[]
>;

function readDocumentedTable(): Record<string, string[]> {
  const page = readFileSync('ARCHITECTURE.md', 'utf8');
  const rows = [...page.matchAll(/^\| `(\w+)` +\|[^|]*\|([^|]*)\|$/gm)];
  const foldersIn = (cell = ''): string[] =>
    [...cell.matchAll(/`(\w+)`/g)].map(([, folder]) => folder ?? '');
  return Object.fromEntries(rows.map(([, folder, cell]) => [folder ?? '', foldersIn(cell)]));
}

test('ARCHITECTURE.md shows the import table that is enforced', () => {
  expect(readDocumentedTable()).toEqual(importTable);
});

test('every folder of src is in the table', () => {
  const folders = readdirSync('src', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && readdirSync(`src/${entry.name}`).length > 0)
    .map((entry) => entry.name);
  expect(folders.toSorted()).toEqual(Object.keys(importTable).toSorted());
});

test('ARCHITECTURE.md names only files and folders that exist', () => {
  const page = readFileSync('ARCHITECTURE.md', 'utf8');
  const paths = [...page.matchAll(/`((?:\w+\/)+(?:\w+\.ts)?|test\/\w+)`/g)].map(
    ([, path]) => path ?? '',
  );
  const named = paths.map((path) => (/^(?:src|test)\//.test(path) ? path : `src/${path}`));
  expect(named.length).toBeGreaterThan(3);
  const missing = named.filter((path) => {
    try {
      return readdirSync(path).length === 0;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ENOTDIR';
    }
  });
  expect(missing).toEqual([]);
});

test('ARCHITECTURE.md stays one screen', () => {
  expect(readFileSync('ARCHITECTURE.md', 'utf8').split('\n').length).toBeLessThan(80);
});
