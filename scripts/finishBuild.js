// tsc copies no modes and no page assets: the entry must be executable for npx and a linked bin.
import { chmodSync, cpSync, existsSync } from 'node:fs';

chmodSync('dist/cli/main.js', 0o755);
if (existsSync('src/server/page')) {
  cpSync('src/server/page', 'dist/server/page', { recursive: true });
}
