import { writeFileSync } from 'node:fs';
import { keepDuration } from './rules/rule.ts';
import { formatRuleFiles } from './rules/ruleFiles.ts';

/** Writes the generated rule files; rules/damon-limits.yaml is written by hand. */
for (const [name, text] of Object.entries(formatRuleFiles(keepDuration))) {
  const path = `rules/${name}`;
  writeFileSync(path, text);
  process.stdout.write(`${path}\n`);
}
