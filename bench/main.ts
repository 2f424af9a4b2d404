import { writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { benchOwnRecord } from './ownRecord.ts';
import { benchRegionEvents } from './regionEvents.ts';
import { benchGrowth } from './growth.ts';
import { benchReports } from './reports.ts';
import { benchStartup } from './startup.ts';
import { benchScrape } from './scrape.ts';
import { benchServeCpu } from './serveCpu.ts';
import type { Bench, BenchRow } from './support/benchRow.ts';
import { formatMarkdownTable, formatTextTable } from './support/formatRows.ts';
import { benchTriedRegions } from './triedRegions.ts';

/** Each bench is a file; a new one is a line here. */
const BENCHES: Readonly<Record<string, Bench>> = {
  regionEvents: benchRegionEvents,
  triedRegions: benchTriedRegions,
  ownRecord: benchOwnRecord,
  growth: benchGrowth,
  startup: benchStartup,
  scrape: benchScrape,
  serveCpu: benchServeCpu,
  reports: benchReports,
};

const PAGE = 'docs/benchmarks.md';

function formatPage(machine: string, table: string): string {
  return `# Figures

Written by \`npm run bench -- --large --write\`; nothing here is typed by hand. Each figure stands beside a
peer or a floor that was measured in the same run, and the ratio is what counts: the rest is this
machine's.

Machine: ${machine}.

Times are medians; those of records and of whole processes are the best of several runs. "ok?" says
whether the goal is met.

${table}
`;
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    large: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
  },
});
const unknown = positionals.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  process.stderr.write(
    `no bench: ${unknown.join(', ')}; found ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exit(2);
}
if (values.write && positionals.length > 0) {
  process.stderr.write(
    `--write: found ${positionals.join(' ')}, expected all: ${PAGE} has every figure\n`,
  );
  process.exit(2);
}
const processors = cpus();
const machine =
  `${processors[0]?.model.trim() ?? 'unknown CPU'}, ${processors.length} cores, ` +
  `node ${process.versions.node}, Linux ${release()}`;
process.stdout.write(`${machine}; medians; of records and whole processes the best\n\n`);
const rows: BenchRow[] = [];
for (const [name, bench] of Object.entries(BENCHES)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`${name} …\n`);
  rows.push(...(await bench({ isLarge: values.large })));
}
process.stdout.write(`${formatTextTable(rows)}\n`);
if (values.write) {
  const options = await resolveConfig(PAGE);
  const page = formatPage(machine, formatMarkdownTable(rows));
  writeFileSync(PAGE, await format(page, { ...options, parser: 'markdown' }));
  process.stdout.write(`${PAGE}\n`);
}
