import { KernelError } from '../../src/base/errors.ts';
import { findValueCapability, isSince } from '../../src/damon/capabilities.ts';
import type { KernelFs, KernelPath } from '../../src/kernel/kernelFs.ts';
import { readFixture } from './fixtureTree.ts';

const DAMON = 'sys/kernel/mm/damon';
const CORE_TYPES = ['addr', 'target'];

function toTemplatePath(path: string): string {
  return path.replace(/(?<=\/)\d+(?=\/|$)/g, '0');
}

function fail(operation: string, path: string, errno: string): never {
  throw new KernelError({ operation, path, errno });
}

/**
 * The sysfs files of a captured kernel as far as staging goes: `nr_*` files make and unmake
 * directories with that kernel's defaults, and names the version lacks are refused. Nothing runs.
 */
export class TemplateKernelFs implements KernelFs {
  readonly files: Map<string, string>;
  /** `path <- value` of each write that was taken. */
  readonly log: string[] = [];
  readonly #version: string;
  readonly #templates: ReadonlyMap<string, string>;

  constructor(version: '6.12' | '7.2') {
    this.#version = version;
    const entries = readFixture(`${version}-defaults.txt`).filter(
      ({ path }) => !path.endsWith('/'),
    );
    this.#templates = new Map(entries.map(({ path, value }) => [`${DAMON}/${path}`, value]));
    this.files = new Map([[`${DAMON}/admin/kdamonds/nr_kdamonds`, '0']]);
  }

  readText(path: KernelPath): string {
    const value = this.files.get(path);
    return value === undefined ? fail('read', path, 'ENOENT') : `${value}\n`;
  }

  list(path: KernelPath): string[] {
    const below = [...this.files.keys()].filter((file) => file.startsWith(`${path}/`));
    if (below.length === 0) fail('list', path, 'ENOENT');
    return [...new Set(below.map((file) => file.slice(path.length + 1).split('/')[0]!))];
  }

  identify(path: KernelPath): bigint | undefined {
    return this.exists(path) ? 1n : undefined;
  }

  exists(path: KernelPath): boolean {
    return [...this.files.keys()].some((file) => file === path || file.startsWith(`${path}/`));
  }

  writeText(path: KernelPath, value: string): void {
    if (!this.files.has(path)) fail('write', path, 'ENOENT');
    this.#refuseUnknown(path, value);
    this.log.push(`${path} <- ${value}`);
    this.files.set(path, value);
    if (/\/nr_[a-z]+s$/.test(path)) this.#recreate(path.slice(0, path.lastIndexOf('/')), value);
  }

  writeTextBlocking(path: KernelPath, value: string): Promise<void> {
    this.writeText(path, value);
    return Promise.resolve();
  }

  describePath(path: KernelPath): string {
    return `/${path}`;
  }

  makeDir(path: KernelPath): void {
    fail('create directory', path, 'EPERM');
  }

  removeDir(path: KernelPath): void {
    fail('remove directory', path, 'EPERM');
  }

  openStream(path: KernelPath): never {
    return fail('open', path, 'ENOENT');
  }

  #refuseUnknown(path: string, value: string): void {
    const relative = path.slice(`${DAMON}/admin/kdamonds/0/`.length);
    const isName =
      /(?:operations|action|type|target_metric)$/.test(path) && !path.includes('/probes/');
    const capability = findValueCapability(relative, value);
    const isKnown = capability !== undefined && isSince(this.#version, capability.since);
    if (isName && !isKnown) fail('write', path, 'EINVAL');
    if (path.includes('/core_filters/') && path.endsWith('type') && !CORE_TYPES.includes(value)) {
      fail('write', path, 'EINVAL');
    }
    if (path.includes('/ops_filters/') && path.endsWith('type') && CORE_TYPES.includes(value)) {
      fail('write', path, 'EINVAL');
    }
  }

  #recreate(directory: string, count: string): void {
    for (const file of this.files.keys()) {
      if (new RegExp(`^${directory}/\\d+/`).test(file)) this.files.delete(file);
    }
    const prefix = `${toTemplatePath(directory)}/0/`;
    for (let index = 0; index < Number(count); index += 1) {
      for (const [path, value] of this.#templates) {
        const rest = path.startsWith(prefix) ? path.slice(prefix.length) : '/0/';
        if (/(?:^|\/)\d+\//.test(rest)) continue;
        this.files.set(`${directory}/${index}/${rest}`, /nr_[a-z]+s$/.test(rest) ? '0' : value);
      }
    }
  }
}
