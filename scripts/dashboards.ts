import { writeFileSync } from 'node:fs';
import { formatDashboards } from './dashboards/allDashboards.ts';

/** Writes the dashboards that are shipped. */
for (const [name, text] of Object.entries(formatDashboards())) {
  const path = `dashboards/${name}`;
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}
