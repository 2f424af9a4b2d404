import { readFileSync } from 'node:fs';

/** Sections of docs/runbooks.md by heading. */
export function readRunbookSections(): ReadonlyMap<string, string> {
  const [, ...sections] = readFileSync('docs/runbooks.md', 'utf8').split(/^## /m);
  return new Map(
    sections.map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end)];
    }),
  );
}

/** What links to its sections end with. */
export function listRunbookAnchors(): readonly string[] {
  return [...readRunbookSections().keys()].map((heading) => heading.toLowerCase());
}
