import { KernelError } from '../../src/base/errors.ts';
import type { KernelFs, KernelPath } from '../../src/kernel/kernelFs.ts';
import { AGGREGATED_FORMAT, TUNE_FORMAT, pageFormatText } from './tracePages.ts';

/** A tracefs of a few files in memory, with what a test wants to see or to break. */
export interface FakeTracefs extends KernelFs {
  /** Contents of plain files; `undefined` = a directory. */
  readonly entries: Map<string, string | undefined>;
  /** Writes in the order they came, as "path value". */
  readonly writes: string[];
  /** Pages that reading a CPU's stream will give, oldest first. */
  readonly pages: Map<number, Uint8Array[]>;
  /** errno by "operation path": the operation fails with it as long as it is set. */
  readonly faults: Map<string, string>;
  readonly nrOpenStreams: () => number;
}

const INSTANCE_FILES = ['trace_clock', 'buffer_size_kb', 'tracing_on', 'options/overwrite'];

export interface FakeTracefsOptions {
  readonly nrCpus?: number;
  /** Contents of `sys/devices/system/cpu/online`; undefined = no such file. */
  readonly onlineCpus?: string;
  readonly events?: readonly string[];
}

export function createFakeTracefs(options: FakeTracefsOptions = {}): FakeTracefs {
  const { nrCpus = 2, onlineCpus, events = ['damon_aggregated'] } = options;
  const entries = new Map<string, string | undefined>([
    ['trace/instances', undefined],
    ['trace/events/header_page', pageFormatText()],
  ]);
  for (const event of events) {
    const text = event === 'damon_aggregated' ? AGGREGATED_FORMAT : TUNE_FORMAT;
    entries.set(`trace/events/damon/${event}/format`, text);
  }
  if (onlineCpus !== undefined) entries.set('sys/devices/system/cpu/online', onlineCpus);
  const writes: string[] = [];
  const pages = new Map<number, Uint8Array[]>();
  const faults = new Map<string, string>();
  let nrStreams = 0;

  const fail = (operation: string, path: string, errno: string): never => {
    throw new KernelError({ operation, path: `/${path}`, errno });
  };
  const attempt = (operation: string, path: string, isThere: boolean): void => {
    const errno = faults.get(`${operation} ${path}`) ?? (isThere ? undefined : 'ENOENT');
    if (errno !== undefined) fail(operation, path, errno);
  };
  const isThere = (path: string): boolean =>
    entries.has(path) || [...entries.keys()].some((known) => known.startsWith(`${path}/`));

  const makeInstance = (path: KernelPath): void => {
    entries.set(path, undefined);
    for (const file of INSTANCE_FILES) entries.set(`${path}/${file}`, '');
    for (const event of events) entries.set(`${path}/events/damon/${event}/enable`, '0');
    for (let cpu = 0; cpu < nrCpus; cpu += 1) {
      entries.set(`${path}/per_cpu/cpu${cpu}/trace_pipe_raw`, '');
      entries.set(`${path}/per_cpu/cpu${cpu}/stats`, 'entries: 0\noverrun: 0\n');
    }
  };

  return {
    entries,
    writes,
    pages,
    faults,
    nrOpenStreams: () => nrStreams,
    describePath: (path) => `/${path}`,
    exists: isThere,
    identify: (path) => (isThere(path) ? 1n : undefined),
    readText: (path) => {
      attempt('read', path, entries.has(path));
      return entries.get(path) ?? fail('read', path, 'EISDIR');
    },
    list: (path) => {
      attempt('list', path, isThere(path));
      const below = [...entries.keys()].filter((known) => known.startsWith(`${path}/`));
      return [...new Set(below.map((known) => known.slice(path.length + 1).split('/')[0]!))];
    },
    writeText: (path, value) => {
      attempt('write', path, entries.has(path));
      entries.set(path, value);
      writes.push(`${path} ${value}`);
    },
    writeTextBlocking: () => Promise.reject(new Error('tracefs does not block')),
    makeDir: (path) => {
      attempt('create directory', path, true);
      if (isThere(path)) fail('create directory', path, 'EEXIST');
      makeInstance(path);
    },
    removeDir: (path) => {
      attempt('remove directory', path, isThere(path));
      if (nrStreams > 0) fail('remove directory', path, 'EBUSY');
      for (const known of [...entries.keys()]) {
        if (known === path || known.startsWith(`${path}/`)) entries.delete(known);
      }
    },
    openStream: (path) => {
      attempt('open', path, entries.has(path));
      const cpu = Number(/cpu(\d+)\/trace_pipe_raw$/.exec(path)![1]);
      nrStreams += 1;
      return {
        read: (into) => {
          attempt('read', path, true);
          const page = pages.get(cpu)?.shift();
          if (page === undefined) return 0;
          into.set(page);
          return page.length;
        },
        close: () => {
          nrStreams -= 1;
        },
      };
    },
  };
}
