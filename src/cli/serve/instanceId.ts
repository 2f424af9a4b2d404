import { createHash, randomUUID } from 'node:crypto';
import { KernelError } from '../../base/errors.ts';
import type { KernelFs } from '../../kernel/kernelFs.ts';
import { readBootId } from '../kernelAccess.ts';

/** For ids of instances. Source: OpenTelemetry semantic conventions, `service.instance.id`. */
const INSTANCE_NAMESPACE = '4d63009a8d0f11eeaad74c796ed8e320';

/** UUID version 5 of a name. Source: RFC 9562, section 5.5. */
function formatUuid5(name: string): string {
  const hash = createHash('sha1').update(Buffer.from(INSTANCE_NAMESPACE, 'hex')).update(name);
  const bytes = hash.digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Undefined where the kernel does not tell. */
export function readIfTold(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof KernelError)) throw error;
    return undefined;
  }
}

/**
 * An id that tells this exporter from every other, and is the same after a restart, or all its
 * series would begin anew; after a boot they do.
 *
 * @param names what tells exporters apart that observe the same kernel.
 */
export function computeInstanceId(
  fs: Pick<KernelFs, 'readText'>,
  names: readonly string[],
): string {
  const bootId = readIfTold(() => readBootId(fs));
  return bootId === undefined ? randomUUID() : formatUuid5([bootId, ...names].join('\0'));
}
