import { writeFileSync } from 'node:fs';
import { format } from 'prettier';
import { createConfigSchema } from './configSchema/configSchema.ts';

/** Writes the schema that editors check configuration files with. */
const PATH = 'config/damon-exporter.schema.json';
writeFileSync(PATH, await format(JSON.stringify(createConfigSchema()), { parser: 'json' }));
process.stdout.write(`${PATH}\n`);
