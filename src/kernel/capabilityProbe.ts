import { CAPABILITIES, type Capability } from '../damon/capabilities.ts';
import { ifPresent, listIndexes, readWord } from './attribute.ts';
import { KDAMONDS } from './kdamonds.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

/** `unknown`: nothing that exists right now can show it. */
export type CapabilitySupport = 'present' | 'absent' | 'unknown';
export type CapabilitySupports = ReadonlyMap<string, CapabilitySupport>;

/** Existing paths that fit a pattern in which `*` stands for one number. */
function expandPattern(fs: KernelFs, base: KernelPath, pattern: string): KernelPath[] {
  if (pattern === '') return [base];
  let paths: KernelPath[] = [base];
  for (const part of pattern.split('/')) {
    paths = paths.flatMap((path): KernelPath[] =>
      part === '*'
        ? listIndexes(fs, path).map((index) => `${path}/${index}` as const)
        : [`${path}/${part}`],
    );
  }
  return paths.filter((path) => fs.exists(path));
}

/** The file or directory is looked for in every directory that would hold it. */
function probePattern(fs: KernelFs, kdamonds: readonly KernelPath[], pattern: string) {
  const [parent, name] = splitLast(pattern.replace(/\/$/, ''));
  const holders = kdamonds.flatMap((kdamond) => expandPattern(fs, kdamond, parent));
  if (holders.length === 0) return 'unknown';
  return holders.some((holder) => fs.exists(`${holder}/${name}`)) ? 'present' : 'absent';
}

function splitLast(path: string): readonly [parent: string, name: string] {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

/** Only a value that is in use, or in the kernel's list of operations, can be seen. */
function probeValue(
  fs: KernelFs,
  kdamonds: readonly KernelPath[],
  { patterns, value }: { readonly patterns: readonly string[]; readonly value: string },
): CapabilitySupport {
  const files = kdamonds.flatMap((kdamond) =>
    patterns.flatMap((pattern) => expandPattern(fs, kdamond, pattern)),
  );
  if (files.some((file) => ifPresent(() => readWord(fs, file)) === value)) return 'present';
  if (!patterns.includes('contexts/*/operations')) return 'unknown';
  const lists = kdamonds.flatMap((kdamond) =>
    expandPattern(fs, kdamond, 'contexts/*/avail_operations'),
  );
  const [list] = lists;
  if (list === undefined) return 'unknown';
  return readWord(fs, list).split('\n').includes(value) ? 'present' : 'absent';
}

function probeModule(fs: KernelFs, module: string, parameter: string | undefined) {
  if (!fs.exists('sys/module')) return 'unknown';
  const path: KernelPath = `sys/module/${module}/parameters`;
  return fs.exists(parameter === undefined ? path : `${path}/${parameter}`) ? 'present' : 'absent';
}

function probeOne(
  fs: KernelFs,
  kdamonds: readonly KernelPath[],
  { evidence }: Capability,
): CapabilitySupport {
  switch (evidence.kind) {
    case 'attribute': {
      const found = evidence.patterns.map((pattern) => probePattern(fs, kdamonds, pattern));
      return found.find((support) => support !== 'unknown') ?? 'unknown';
    }
    case 'value':
      return probeValue(fs, kdamonds, evidence);
    case 'module':
      return probeModule(fs, evidence.module, evidence.parameter);
    case 'tracepoint':
      // Without tracefs, or without permission to look into it, nothing is known.
      if (!fs.exists('trace/events')) return 'unknown';
      return fs.exists(`trace/events/damon/${evidence.event}`) ? 'present' : 'absent';
    case 'keyword':
    case 'behaviour':
      return 'unknown';
  }
}

/**
 * What this kernel shows of each entry of the capability table, by id. Reads names and a few small
 * files, writes nothing: much stays unknown until directories of the kind exist.
 */
export function probeCapabilities(fs: KernelFs): CapabilitySupports {
  const kdamonds = listIndexes(fs, KDAMONDS).map((index): KernelPath => `${KDAMONDS}/${index}`);
  const supports = new Map<string, CapabilitySupport>();
  for (const capability of CAPABILITIES) {
    const { evidence, id } = capability;
    const served = evidence.kind === 'keyword' ? evidence.serves : undefined;
    const isOldest = evidence.kind === 'keyword' && served === undefined;
    if (isOldest) supports.set(id, fs.exists(KDAMONDS) ? 'present' : 'absent');
    else if (served !== undefined) supports.set(id, supports.get(served) ?? 'unknown');
    else supports.set(id, probeOne(fs, kdamonds, capability));
  }
  return supports;
}
