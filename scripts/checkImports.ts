import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/**
 * Runs dependency-cruiser over src and fails on any violation, and also when it looked at fewer
 * modules than there are files: with a TypeScript it cannot parse it reports "no violations (0
 * modules)" and success.
 */
interface CruiseResult {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string; readonly severity: string };
    }[];
  };
}

function runCruiser(): string {
  const args = ['depcruise', '--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'src'];
  try {
    return execFileSync('npx', args, { encoding: 'utf8', maxBuffer: 64 << 20 });
  } catch (error) {
    const { stdout } = error as { stdout?: string };
    if (stdout?.startsWith('{')) return stdout;
    throw error;
  }
}

const { summary } = JSON.parse(runCruiser()) as CruiseResult;
const nrSources = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) =>
  name.endsWith('.ts'),
).length;
for (const { rule, from, to } of summary.violations) {
  process.stderr.write(`${rule.severity} ${rule.name}: ${from} -> ${to}\n`);
}
if (summary.totalCruised < nrSources) {
  process.stderr.write(
    `the import check saw ${summary.totalCruised} modules of ${nrSources} source files: it is not working\n`,
  );
  process.exitCode = 1;
}
if (summary.violations.length > 0) process.exitCode = 1;
if (process.exitCode === undefined) {
  process.stdout.write(`imports of ${nrSources} files follow the table\n`);
}
