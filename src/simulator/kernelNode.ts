/** What a simulated system call fails with; the file system adds operation and path to it. */
export class Errno extends Error {
  readonly errno: string;

  constructor(errno: string, hint = '') {
    super(hint);
    this.name = 'Errno';
    this.errno = errno;
  }
}

/** A write the kernel has taken but not answered yet. */
export interface PendingWrite {
  /** `undefined` while it blocks. */
  answer(): { readonly errno: string | undefined } | undefined;
  /** Keeps it unanswered, whatever the kernel does, until the returned function is called. */
  hold(): () => void;
  /** Simulated time at which asking again makes sense, µs. */
  nextCheckUs(): number;
}

export interface FileNode {
  readonly kind: 'file';
  /** Permission bits: 0o600, 0o400, 0o444, … */
  readonly mode: number;
  read(): string;
  /**
   * Absent: the kernel has no store function, so even root gets EACCES. Returns a pending write
   * when the answer takes time.
   *
   * @throws Errno
   */
  write?(value: string): PendingWrite | undefined;
  /** Present on files that are read as streams (`trace_pipe_raw`). */
  openStream?(): NodeStream;
}

export interface NodeStream {
  /** Bytes put into the buffer; 0 = nothing there now. */
  read(into: Uint8Array): number;
  close(): void;
}

export interface DirNode {
  readonly kind: 'dir';
  /** Nobody but root may look inside. */
  readonly isRootOnly?: boolean;
  names(): string[];
  lookup(name: string): KernelNode | undefined;
  makeDir?(name: string): void;
  removeDir?(name: string): void;
}

export type KernelNode = FileNode | DirNode;

/** A directory whose entries are held, in the order they were added. */
export class StaticDir implements DirNode {
  readonly kind = 'dir';
  isRootOnly = false;
  readonly entries: Map<string, KernelNode> = new Map<string, KernelNode>();

  constructor(entries: Readonly<Record<string, KernelNode>> = {}) {
    for (const [name, node] of Object.entries(entries)) this.entries.set(name, node);
  }

  names(): string[] {
    return [...this.entries.keys()];
  }

  lookup(name: string): KernelNode | undefined {
    return this.entries.get(name);
  }
}

/** A directory computed at each access, for what comes and goes (processes, regions). */
export function createVirtualDir(
  names: () => string[],
  lookup: (name: string) => KernelNode | undefined,
): DirNode {
  return { kind: 'dir', names, lookup };
}

/** A read-only file whose text is made when it is read. */
export function createTextFile(read: () => string, mode = 0o444): FileNode {
  return { kind: 'file', mode, read };
}

/**
 * The node a relative path leads to.
 *
 * @throws Errno ENOENT, ENOTDIR, and EACCES for those who are not root
 */
export function resolveNode(
  root: DirNode,
  names: readonly string[],
  isUnprivileged: boolean,
): KernelNode {
  let node: KernelNode = root;
  for (const name of names) {
    if (node.kind !== 'dir') throw new Errno('ENOTDIR');
    const next = node.lookup(name);
    if (next === undefined) throw new Errno('ENOENT');
    if (isUnprivileged && next.kind === 'dir' && next.isRootOnly === true) {
      throw new Errno('EACCES');
    }
    node = next;
  }
  return node;
}
