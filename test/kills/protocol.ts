import type { KernelPath } from '../../src/kernel/kernelFs.ts';

/** What an exporter asks of a kernel in another process: a line of JSON, answered by one. */
export type KernelRequest =
  | { readonly call: 'readText' | 'list' | 'exists' | 'identify'; readonly path: KernelPath }
  | { readonly call: 'makeDir' | 'removeDir' | 'openStream'; readonly path: KernelPath }
  | { readonly call: 'writeText'; readonly path: KernelPath; readonly value: string }
  /** Answers with a number at once; `isDone` tells when the write is over. */
  | {
      readonly call: 'writeTextBlocking';
      readonly path: KernelPath;
      readonly value: string;
      readonly overtakes: boolean;
    }
  | { readonly call: 'isDone' | 'closeStream'; readonly id: number }
  | { readonly call: 'readStream'; readonly id: number; readonly maxBytes: number }
  | { readonly call: 'now' };

export type KernelValue = string | number | boolean | readonly string[] | null;

export type KernelAnswer =
  | { readonly value: KernelValue }
  | { readonly problem: { readonly operation: string; readonly path: string; errno?: string } };

/** The descriptor at which a child finds its kernel. */
export const KERNEL_FD = 3;
