import type { AddrRange } from './spec.ts';

/** Which processes a target stands for, in words that outlive any pid. */
export type ProcessSelector =
  | { readonly kind: 'pid'; readonly pid: number }
  /** Every process that fits all that is given; at least one of them is. */
  | {
      readonly kind: 'process';
      /** The command name, whole; the kernel cuts it at 15 bytes, and so is this. */
      readonly name?: string;
      /** Regular expression, found anywhere in the arguments joined by blanks. */
      readonly commandLine?: RegExp;
      /** Name or number of the user it runs as. */
      readonly user?: string;
    }
  /** Every process of a control group or one below it, by its path below the root. */
  | { readonly kind: 'cgroup'; readonly path: string }
  /** Every process of a systemd unit, such as `nginx.service`. */
  | { readonly kind: 'systemd_unit'; readonly unit: string }
  /** A command this program runs itself; monitored as long as it lives. */
  | { readonly kind: 'command'; readonly command: string };

/** What a target of the configuration stands for; becomes any number of the kernel's targets. */
export interface ProcessTargetSelector {
  readonly selector: ProcessSelector;
  /** Only these addresses of each process; empty = all it has mapped. */
  readonly regions: readonly AddrRange[];
}

/** Physical memory: these ranges, else that of these NUMA nodes, else all System RAM. */
export interface PhysicalTargetSelector {
  readonly regions: readonly AddrRange[];
  readonly numaNodes: readonly number[];
}

function describeProcess(selector: ProcessSelector & { readonly kind: 'process' }): string {
  const { name, commandLine, user } = selector;
  const parts = [
    ...(name === undefined ? [] : [`the name "${name}"`]),
    ...(commandLine === undefined ? [] : [`arguments that match /${commandLine.source}/`]),
    ...(user === undefined ? [] : [`the user ${user}`]),
  ];
  return `a process with ${parts.join(' and ')}`;
}

/** For messages: what is looked for. */
export function describeSelector(selector: ProcessSelector): string {
  switch (selector.kind) {
    case 'pid':
      return `process ${selector.pid}`;
    case 'process':
      return describeProcess(selector);
    case 'cgroup':
      return `a process in control group ${selector.path}`;
    case 'systemd_unit':
      return `a process of ${selector.unit}`;
    case 'command':
      return `the command "${selector.command}"`;
  }
}
