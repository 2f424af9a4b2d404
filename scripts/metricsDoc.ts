import { writeFileSync } from 'node:fs';
import { formatMetricsDoc } from './metricsDoc/formatMetricsDoc.ts';

/** Writes the documentation of the metrics. */
const path = 'docs/metrics.md';
writeFileSync(path, formatMetricsDoc());
process.stdout.write(`${path}\n`);
