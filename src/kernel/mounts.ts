import type { KernelFs } from './kernelFs.ts';

export interface Mount {
  readonly type: string;
  readonly mountPoint: string;
  readonly isReadOnly: boolean;
}

function unescapeMountField(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) =>
    String.fromCharCode(Number.parseInt(octal, 8)),
  );
}

/** Lines of `/proc/mounts`; those that are none are left out. */
export function parseMounts(text: string): Mount[] {
  return text.split('\n').flatMap((line) => {
    const [, mountPoint, type, options] = line.split(' ');
    if (mountPoint === undefined || type === undefined || options === undefined) return [];
    const isReadOnly = options.split(',').includes('ro');
    return [{ type, mountPoint: unescapeMountField(mountPoint), isReadOnly }];
  });
}

export interface KernelMounts {
  readonly sysfs: Mount | undefined;
  readonly tracefs: Mount | undefined;
  /** Where the debugfs-only interface of kernels before 5.18 was. */
  readonly debugfs: Mount | undefined;
}

/**
 * The file systems DAMON shows itself in. The last mount of a type on a place is the visible one;
 * tracefs is preferred where distributions mount it, over the automatic mount inside debugfs.
 *
 * Files: `/proc/mounts`
 */
export function readKernelMounts(fs: KernelFs): KernelMounts {
  const mounts = parseMounts(fs.readText('proc/mounts'));
  const find = (type: string, preferred: string): Mount | undefined =>
    mounts.findLast((mount) => mount.type === type && mount.mountPoint === preferred) ??
    mounts.find((mount) => mount.type === type);
  const debugfs = find('debugfs', '/sys/kernel/debug');
  return {
    sysfs: find('sysfs', '/sys'),
    tracefs: find('tracefs', '/sys/kernel/tracing') ?? describeAutomount(debugfs),
    debugfs,
  };
}

/** The kernel mounts tracefs at `tracing` in debugfs as soon as somebody looks there. */
function describeAutomount(debugfs: Mount | undefined): Mount | undefined {
  return debugfs && { ...debugfs, type: 'tracefs', mountPoint: `${debugfs.mountPoint}/tracing` };
}
