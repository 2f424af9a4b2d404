import { KernelError } from '../base/errors.ts';

/**
 * An address in bytes as the number the file takes.
 *
 * @throws KernelError when it is no multiple of the unit: the kernel could not express it.
 */
export function formatPlannedAddr(addr: bigint, addrUnit: bigint, path: string): string {
  if (addr % addrUnit === 0n) return String(addr / addrUnit);
  throw new KernelError({
    operation: 'write',
    path,
    value: String(addr),
    hint: `the address is no multiple of the address unit ${addrUnit}`,
  });
}
