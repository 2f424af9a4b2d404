import { format, resolveConfig } from 'prettier';

/** Markdown as `npm run format` leaves it. */
export async function layOutMarkdown(text: string): Promise<string> {
  const config = await resolveConfig('README.md');
  return format(text, { ...config, parser: 'markdown' });
}
