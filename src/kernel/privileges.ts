import { KernelError } from '../base/errors.ts';
import type { KernelFs } from './kernelFs.ts';

/** Bits of the capabilities that matter here. Source: include/uapi/linux/capability.h */
const CAPABILITY_BITS = {
  CAP_DAC_OVERRIDE: 1n,
  CAP_DAC_READ_SEARCH: 2n,
  CAP_SYS_ADMIN: 21n,
  CAP_PERFMON: 38n,
} as const;
export type ProcessCapability = keyof typeof CAPABILITY_BITS;

export interface Privileges {
  /** Effective user id. */
  readonly uid: number;
  readonly capabilities: ReadonlySet<ProcessCapability>;
}

/** @throws RangeError when the lines are missing. */
export function parsePrivileges(status: string): Privileges {
  const uid = /^Uid:\t\d+\t(\d+)\t/m.exec(status)?.[1];
  const effective = /^CapEff:\t([0-9a-f]+)$/m.exec(status)?.[1];
  if (uid === undefined || effective === undefined) {
    throw new RangeError('found no Uid and CapEff lines');
  }
  const bits = BigInt(`0x${effective}`);
  const held = (Object.keys(CAPABILITY_BITS) as ProcessCapability[]).filter(
    (name) => ((bits >> CAPABILITY_BITS[name]) & 1n) === 1n,
  );
  return { uid: Number(uid), capabilities: new Set(held) };
}

/**
 * What this process may do.
 *
 * Files: `/proc/self/status`
 */
export function readPrivileges(fs: KernelFs): Privileges {
  try {
    return parsePrivileges(fs.readText('proc/self/status'));
  } catch (error) {
    if (error instanceof KernelError) throw error;
    const path = fs.describePath('proc/self/status');
    throw new KernelError({ operation: 'read', path, hint: 'no Uid and CapEff', cause: error });
  }
}

/** Whether files of mode 0600 owned by root may be written: all of DAMON's and tracefs'. */
export function canWriteRootFiles({ uid, capabilities }: Privileges): boolean {
  return uid === 0 || capabilities.has('CAP_DAC_OVERRIDE');
}
