import type { AttributeParser } from './attributeValue.ts';
import { parseBool, parseUlong } from './attributeValue.ts';
import { StaticDir } from './kernelNode.ts';
import type { FileNode } from './kernelNode.ts';
import { StagedFile } from './stagedDir.ts';

/** A parameter that is only kept: its name, default, and what it takes. */
export type ParameterDefault = readonly [name: string, initial: string];

/** `Y`/`N` parameters are switches, all others whole numbers. */
function parserOf(initial: string): AttributeParser {
  return initial === 'N' || initial === 'Y' ? parseBool : parseUlong;
}

/** `sys/module/<name>` with parameters that hold what was written. */
export class ModuleParameters {
  readonly dir: StaticDir = new StaticDir();

  constructor(defaults: readonly ParameterDefault[]) {
    for (const [name, initial] of defaults) {
      this.dir.entries.set(name, new StagedFile(initial, parserOf(initial)));
    }
  }

  /** The module's directory. */
  get moduleDir(): StaticDir {
    return new StaticDir({ parameters: this.dir });
  }

  number(name: string): number {
    return Number(this.#staged(name)?.value ?? '0');
  }

  isOn(name: string): boolean {
    return this.#staged(name)?.value === 'Y';
  }

  set(name: string, value: string): void {
    const file = this.#staged(name);
    if (file !== undefined) file.value = value;
  }

  /** A parameter that is computed when it is read. */
  show(name: string, read: () => string | number | bigint): void {
    const file: FileNode = { kind: 'file', mode: 0o400, read: () => `${read().toString()}\n` };
    this.dir.entries.set(name, file);
  }

  /** A parameter that does something when it is written. */
  handle(name: string, read: () => string, write: NonNullable<FileNode['write']>): void {
    this.dir.entries.set(name, { kind: 'file', mode: 0o600, read: () => `${read()}\n`, write });
  }

  #staged(name: string): StagedFile | undefined {
    const file = this.dir.entries.get(name);
    return file instanceof StagedFile ? file : undefined;
  }
}
