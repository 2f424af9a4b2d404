import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Names of the packages that are installed in a folder. */
export function listPackages(folder: string): string[] {
  return readdirSync(join(folder, 'node_modules'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .flatMap(({ name }) =>
      name.startsWith('@')
        ? readdirSync(join(folder, 'node_modules', name)).map((part) => `${name}/${part}`)
        : [name],
    );
}
