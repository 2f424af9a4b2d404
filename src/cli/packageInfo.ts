import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCodeRoot } from '../base/codeRoot.ts';

export interface PackageInfo {
  readonly name: string;
  readonly version: string;
}

/** Name and version from this package's package.json. */
export function readPackageInfo(): PackageInfo {
  const text = readFileSync(join(findCodeRoot(import.meta.dirname), '../package.json'), 'utf8');
  const { name, version } = JSON.parse(text) as PackageInfo;
  return { name, version };
}
