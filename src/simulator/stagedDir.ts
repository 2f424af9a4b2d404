import type { AttributeParser } from './attributeValue.ts';
import { parseCount } from './attributeValue.ts';
import type { FileNode, KernelNode } from './kernelNode.ts';
import { StaticDir } from './kernelNode.ts';
import type { KernelModel } from './kernelModel.ts';

/** What a directory of the DAMON tree holds when it is made. */
export interface DirLayout {
  readonly kind: 'dir';
  readonly entries: Readonly<Record<string, Layout>>;
}

/** A directory with an `nr_*` file and that many numbered directories of one layout. */
export interface NumberedLayout {
  readonly kind: 'numbered';
  readonly nrName: string;
  readonly each: DirLayout;
  readonly max: number;
}

export interface AttributeLayout {
  readonly kind: 'attribute';
  readonly initial: string;
  /** Absent: no store function. Given the attribute's path, for values that depend on it. */
  readonly createParser?: (model: KernelModel, path: string) => AttributeParser;
}

export type Layout = DirLayout | NumberedLayout | AttributeLayout;

export interface StagedContext {
  readonly model: KernelModel;
  /** @throws Errno EBUSY while somebody else holds the global DAMON lock. */
  checkLock(): void;
}

export const UNBOUNDED: number = 2 ** 31 - 1;

/** An attribute that holds what was written last, or what the kernel put there. */
export class StagedFile implements FileNode {
  readonly kind = 'file';
  readonly mode: number;
  value: string;
  readonly #parse: AttributeParser | undefined;

  constructor(initial: string, parse?: AttributeParser) {
    this.value = initial;
    this.#parse = parse;
    this.mode = parse === undefined ? 0o400 : 0o600;
    if (parse !== undefined) this.write = this.#store.bind(this);
  }

  write?: (value: string) => undefined;

  read(): string {
    return `${this.value}\n`;
  }

  #store(value: string): undefined {
    if (this.#parse !== undefined) this.value = this.#parse(value);
  }
}

/** A staged directory; answers typed questions about what lies below it. */
export class StagedDir extends StaticDir {
  /** The directory at a relative path. */
  dir(path: string): StagedDir {
    const node = this.#find(path);
    if (!(node instanceof StagedDir)) throw new TypeError(`${path} is no staged directory`);
    return node;
  }

  /** The staged value; undefined where this kernel has no such file. */
  text(path: string): string | undefined {
    const node = this.#find(path);
    return node instanceof StagedFile ? node.value : undefined;
  }

  /** The staged number, 0 where this kernel has no such file. May be ULONG_MAX, rounded. */
  number(path: string): number {
    return Number(this.text(path) ?? '0');
  }

  /** The kernel's own way to change an attribute; does nothing where this kernel has none. */
  set(path: string, value: string): void {
    const node = this.#find(path);
    if (node instanceof StagedFile) node.value = value;
  }

  /** The numbered directories of a directory, in order; empty where this kernel has none. */
  numbered(path: string): StagedDir[] {
    const node = this.#find(path);
    if (!(node instanceof StagedDir)) return [];
    return [...node.entries.values()].filter((entry) => entry instanceof StagedDir);
  }

  #find(path: string): KernelNode | undefined {
    const slash = path.indexOf('/');
    if (slash < 0) return this.entries.get(path);
    const child = this.entries.get(path.slice(0, slash));
    return child instanceof StagedDir ? child.#find(path.slice(slash + 1)) : undefined;
  }
}

/** Makes a directory with the kernel's defaults; the path is relative to `kdamonds/<K>`. */
export function createStagedDir(
  layout: DirLayout,
  path: string,
  context: StagedContext,
): StagedDir {
  const dir = new StagedDir();
  for (const [name, entry] of Object.entries(layout.entries)) {
    const entryPath = path === '' ? name : `${path}/${name}`;
    if (!context.model.hasAttribute(entryPath)) continue;
    dir.entries.set(name, createEntry(entry, entryPath, context));
  }
  return dir;
}

function createEntry(layout: Layout, path: string, context: StagedContext): KernelNode {
  switch (layout.kind) {
    case 'dir':
      return createStagedDir(layout, path, context);
    case 'numbered':
      return createNumberedDir(layout, path, context);
    case 'attribute':
      return new StagedFile(layout.initial, layout.createParser?.(context.model, path));
  }
}

function createNumberedDir(
  layout: NumberedLayout,
  path: string,
  context: StagedContext,
): StagedDir {
  const dir = new StagedDir();
  let count = 0;
  dir.entries.set(layout.nrName, {
    kind: 'file',
    mode: 0o600,
    read: () => `${count}\n`,
    write: (value) => {
      const wanted = parseCount(value, layout.max);
      context.checkLock();
      for (const name of dir.names()) if (name !== layout.nrName) dir.entries.delete(name);
      count = wanted;
      for (let i = 0; i < wanted; i++) {
        dir.entries.set(String(i), createStagedDir(layout.each, `${path}/${i}`, context));
      }
      return undefined;
    },
  });
  return dir;
}
