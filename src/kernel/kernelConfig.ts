import { gunzipSync } from 'node:zlib';
import { isKernelErrno } from '../base/errors.ts';
import { trimAttribute } from './attribute.ts';
import type { KernelFs, KernelPath } from './kernelFs.ts';

/** The largest configuration there is stays well below. */
const MAX_CONFIG_BYTES = 4 << 20;

/**
 * As `uname -r` prints it.
 *
 * Files: `/proc/sys/kernel/osrelease`
 */
export function readKernelRelease(fs: KernelFs): string {
  return trimAttribute(fs.readText('proc/sys/kernel/osrelease'));
}

/** Options that are set, by name: `CONFIG_DAMON` → `y`. */
export function parseKernelConfig(text: string): ReadonlyMap<string, string> {
  return new Map(
    Array.from(text.matchAll(/^(CONFIG_\w+)=(.*)$/gm), ([, name = '', value = '']) => [
      name,
      value,
    ]),
  );
}

function readAll(fs: KernelFs, path: KernelPath): Uint8Array {
  const stream = fs.openStream(path);
  try {
    const buffer = new Uint8Array(MAX_CONFIG_BYTES);
    let length = 0;
    for (;;) {
      const count = stream.read(buffer.subarray(length));
      if (count === 0) return buffer.subarray(0, length);
      length += count;
    }
  } finally {
    stream.close();
  }
}

/**
 * What the running kernel was built with.
 *
 * Files: `/boot/config-<release>`, `/proc/config.gz`
 * Absent: undefined when neither is there or may be read.
 */
export function readKernelConfig(
  fs: KernelFs,
  release: string,
): ReadonlyMap<string, string> | undefined {
  const readers = [
    () => fs.readText(`boot/config-${release}`),
    () => gunzipSync(readAll(fs, 'proc/config.gz')).toString('utf8'),
  ];
  for (const read of readers) {
    try {
      return parseKernelConfig(read());
    } catch (error) {
      if (!isKernelErrno(error, 'ENOENT', 'EACCES', 'EPERM')) throw error;
    }
  }
  return undefined;
}
