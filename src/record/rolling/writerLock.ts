import { dirname, extname, join } from 'node:path';
import { sleep } from '../../base/clock.ts';
import { RecordError } from '../../base/errors.ts';
import { isErrno } from '../own/recordFs.ts';
import type { RecordFileStat, RecordFs } from '../own/recordFs.ts';

/** A process, such that another one with the same pid is told from it. */
export interface LockHolder {
  readonly pid: number;
  readonly startTimeTicks: number;
  readonly bootId: string;
  /** Pids of another namespace mean other processes (containers that share a volume). */
  readonly pidNamespace: string;
}

export interface WriterLockOptions {
  readonly fs: RecordFs;
  readonly self: LockHolder;
  /** Whether this very process exists; asked only for the own boot and namespace. */
  readonly isAlive: (holder: LockHolder) => boolean;
  readonly wallMs: () => number;
}

/** Held until it is released, or its process ends. */
export interface WriterLock {
  /** To be called about every ten seconds: shows other namespaces that the holder lives. */
  touch(): Promise<void>;
  release(): Promise<void>;
}

/** A holder nobody here can see is taken for dead after this long without a touch. */
const UNSEEN_HOLDER_MS = 60_000;
const MAX_LOCK_BYTES = 4096;
const MAX_TRIES = 50;
const PAUSE_MS = 5;

async function readText(fs: RecordFs, path: string): Promise<string | undefined> {
  const stat = await fs.lstat(path);
  if (stat === undefined) return undefined;
  if (!stat.isFile) {
    throw new RecordError({
      operation: 'lock',
      path,
      hint: 'found something else than a lock file; remove it, or choose another path',
    });
  }
  try {
    const file = await fs.open(path);
    const bytes = Buffer.alloc(MAX_LOCK_BYTES);
    try {
      return bytes.toString('utf8', 0, await file.read(bytes, 0));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseHolder(path: string, text: string): LockHolder {
  try {
    const value = JSON.parse(text) as Partial<LockHolder> | null;
    const { pid, startTimeTicks, bootId, pidNamespace } = value ?? {};
    if (
      Number.isSafeInteger(pid) &&
      Number.isSafeInteger(startTimeTicks) &&
      typeof bootId === 'string' &&
      typeof pidNamespace === 'string'
    ) {
      return value as LockHolder;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new RecordError({
    operation: 'lock',
    path,
    hint: 'found something else than a lock of damon-exporter; remove it if nobody records here',
  });
}

function isFresh(stat: RecordFileStat | undefined, wallMs: number): boolean {
  return stat !== undefined && wallMs - stat.modifiedMs < UNSEEN_HOLDER_MS;
}

async function isHolderAlive(
  { fs, self, isAlive, wallMs }: WriterLockOptions,
  path: string,
  holder: LockHolder,
): Promise<boolean> {
  if (holder.bootId !== self.bootId) return false;
  if (holder.pidNamespace === self.pidNamespace) return isAlive(holder);
  return isFresh(await fs.lstat(path), wallMs());
}

async function removeIfThere(fs: RecordFs, path: string): Promise<void> {
  try {
    await fs.remove(path);
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/** Whether somebody records there, as far as one can tell who may not know the holder's process. */
export async function isLockHeld(fs: RecordFs, base: string, wallMs: number): Promise<boolean> {
  return isFresh(await fs.lstat(buildLockPath(base)), wallMs);
}

/** Beside the segments. */
export function buildLockPath(base: string): string {
  return `${base}.lock`;
}

/** A file with the holder's description under a name of its own. */
async function writeClaim(fs: RecordFs, path: string, text: string): Promise<void> {
  await removeIfThere(fs, path);
  const file = await fs.create(path);
  try {
    await file.write(Buffer.from(text), 0);
  } finally {
    await file.close();
  }
}

/**
 * Takes the lock: a file that comes into being whole or not at all (a link to one already written).
 * One whose holder is gone is taken over.
 *
 * @throws RecordError when another process holds it; the file system's error when that fails.
 */
export async function acquireWriterLock(
  path: string,
  options: WriterLockOptions,
): Promise<WriterLock> {
  const { fs, self, wallMs } = options;
  const claim = `${path}.${self.pid}`;
  const text = `${JSON.stringify(self)}\n`;
  try {
    await writeClaim(fs, claim, text);
    await removeLeftovers(path, claim, options);
    await claimLock(path, claim, options);
  } finally {
    await removeIfThere(fs, claim);
  }
  return {
    touch: () => fs.touch(path, wallMs()),
    release: async () => {
      // Somebody may have taken it over while this process was stopped.
      if ((await readText(fs, path)) === text) await removeIfThere(fs, path);
    },
  };
}

/** Claims of processes that died while they took the lock. */
async function removeLeftovers(
  path: string,
  claim: string,
  options: WriterLockOptions,
): Promise<void> {
  const { fs } = options;
  for (const name of await fs.list(dirname(path))) {
    const other = join(dirname(path), name);
    const isClaim = other.startsWith(`${path}.`) && /^\.\d+$/.test(extname(name));
    if (!isClaim || other === claim) continue;
    if (!(await isClaimAlive(other, options))) await removeIfThere(fs, other);
  }
}

async function isClaimAlive(path: string, options: WriterLockOptions): Promise<boolean> {
  const text = await readText(options.fs, path);
  try {
    return text !== undefined && (await isHolderAlive(options, path, parseHolder(path, text)));
  } catch (error) {
    if (!(error instanceof RecordError)) throw error;
    // Perhaps it is only being written.
    return isFresh(await options.fs.lstat(path), options.wallMs());
  }
}

async function claimLock(path: string, claim: string, options: WriterLockOptions): Promise<void> {
  const { fs } = options;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    if (await tryLink(fs, claim, path)) return;
    const text = await readText(fs, path);
    if (text === undefined) continue;
    const holder = parseHolder(path, text);
    if (await isHolderAlive(options, path, holder)) {
      throw new RecordError({
        operation: 'lock',
        path,
        hint: `process ${holder.pid} records here; end it or choose another path`,
      });
    }
    await removeStale(path, text, { claim, options });
  }
  throw new RecordError({ operation: 'lock', path, hint: 'other processes keep taking it' });
}

/**
 * Removes the lock of a holder that is gone, if it is still that one. Only who has a second lock may:
 * else one that judged late would remove the lock of another that was quicker.
 */
async function removeStale(
  path: string,
  judged: string,
  { claim, options }: { readonly claim: string; readonly options: WriterLockOptions },
): Promise<void> {
  const { fs } = options;
  const guard = `${path}.takeover`;
  if (!(await tryLink(fs, claim, guard))) {
    const text = await readText(fs, guard);
    // Left by one that died at this very point.
    const isStale =
      text !== undefined && !(await isHolderAlive(options, guard, parseHolder(guard, text)));
    if (isStale) await removeIfThere(fs, guard);
    else await sleep(PAUSE_MS);
    return;
  }
  try {
    if ((await readText(fs, path)) === judged) await removeIfThere(fs, path);
  } finally {
    await removeIfThere(fs, guard);
  }
}

/** False when the name is taken. */
async function tryLink(fs: RecordFs, from: string, to: string): Promise<boolean> {
  try {
    await fs.link(from, to);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false;
    throw error;
  }
}
