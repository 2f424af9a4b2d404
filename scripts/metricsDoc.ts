import { writeFileSync } from 'node:fs';
import { layOutMarkdown } from './metricsDoc/layOutMarkdown.ts';
import { formatMetricsDoc } from './metricsDoc/formatMetricsDoc.ts';

/** Writes the documentation of the metrics. */
const path = 'docs/metrics.md';
writeFileSync(path, await layOutMarkdown(formatMetricsDoc()));
process.stdout.write(`${path}\n`);
