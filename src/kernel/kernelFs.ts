/**
 * Which tree a kernel path lies in. Paths are written `sys/…`, `proc/…`, `trace/…`, `boot/…`; where
 * those trees are mounted is the implementation's business, so that a directory of fixtures, the
 * simulated kernel and a real machine are read by the same code. `proc/` is the tree's root.
 */
export type KernelTree = 'sys' | 'proc' | 'trace' | 'boot';
export type KernelPath = `${KernelTree}/${string}`;

/**
 * The only way to the kernel. All failures are KernelError with the errno kept apart. Attributes
 * are tiny and answered from memory, so reading is synchronous: it is 20 times cheaper than going
 * through the thread pool.
 */
export interface KernelFs {
  /** The whole file as text, exactly as the kernel printed it. */
  readText(path: KernelPath): string;
  /** Names in a directory, in no particular order. */
  list(path: KernelPath): string[];
  /** False when absent or out of reach; never throws. */
  exists(path: KernelPath): boolean;
  /** Tells a directory from a later one of the same name; undefined when absent or out of reach. */
  identify(path: KernelPath): bigint | undefined;
  /** One open, one write of the whole value, one close. For attributes that answer at once. */
  writeText(path: KernelPath, value: string): void;
  /**
   * The same for files whose write may block for seconds (`state`): never on the event loop. Writes
   * wait for one another, because the kernel answers EBUSY to a second one anyway; one that
   * `overtakes` does not, for `off` can end what another write waits for.
   */
  writeTextBlocking(
    path: KernelPath,
    value: string,
    options?: { readonly overtakes: boolean },
  ): Promise<void>;
  makeDir(path: KernelPath): void;
  removeDir(path: KernelPath): void;
  /** Opens for reading without ever blocking. */
  openStream(path: KernelPath): KernelStream;
  /** Where the path lies on this machine, for messages. */
  describePath(path: KernelPath): string;
}

export interface KernelStream {
  /** Bytes put into the buffer; 0 = nothing there now. */
  read(into: Uint8Array): number;
  close(): void;
}

/** Where DAMON's sysfs tree lies. */
export const DAMON_ADMIN = 'sys/kernel/mm/damon/admin';
