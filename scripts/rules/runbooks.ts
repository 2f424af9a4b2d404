import { readFileSync } from 'node:fs';

const RUNBOOKS = 'docs/runbooks.md';

/**
 * Where the runbooks are: in the repository that package.json names, and while it names none by their
 * path in the package.
 */
export function readRunbooksUrl(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  const { repository } = JSON.parse(text) as { repository?: { readonly url: string } };
  if (repository === undefined) return RUNBOOKS;
  return `${repository.url.replace(/^git\+/, '').replace(/\.git$/, '')}/blob/main/${RUNBOOKS}`;
}

/** The section about one alert. */
export function formatRunbookUrl(alert: string): string {
  return `${readRunbooksUrl()}#${alert.toLowerCase()}`;
}
